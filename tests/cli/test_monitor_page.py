"""Monitoring's HTML page: what it says of reports, and that a real browser shows it without asking anybody.

The browser is Debian's chromium, or what CHROMIUM names; without one those tests are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from groundplan.cli.reports.monitoring import page
from groundplan.core import clock
from groundplan.lifecycle.contract.monitoring import MonitorCheck, MonitorReport, Window
from groundplan.lifecycle.local.monitoring.looking import Looking

from monitoring_kit import history, learned, plan

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
browser = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here: the page is not shown by a browser")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[MonitorReport]:
    known = learned()
    store = history(tmp_path_factory.mktemp("watched"), hours=8, drifted_from=5)
    looking = Looking(store=store, plan=plan(metrics={"accuracy": 0.1}), baseline=lambda version: known)
    return looking.replay(clock.from_text("2026-03-01T08:00:00+00:00"), serving=[1])


@pytest.fixture(scope="module")
def rendered(reports: list[MonitorReport]) -> str:
    return page.render(plan(), reports)


def test_the_page_says_what_changed_how_sure_and_since_when(rendered: str) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", rendered.partition("<body>")[2]))

    assert "4 alerts" in text
    assert text.count("Since 2026-03-01 05:00 UTC") == 4
    assert "chance alone: less than 0.01 %, on 150 rows" in text
    assert text.index("Performance model") < text.index("Predictions predictions") < text.index("Inputs age")


def test_the_same_reports_give_the_same_bytes(rendered: str, reports: list[MonitorReport]) -> None:
    assert page.render(plan(), reports) == rendered


def test_nothing_to_show_is_said() -> None:
    assert "Nobody has looked yet" in page.render(plan(), [])


def test_names_of_foreign_data_are_text_and_nothing_else() -> None:
    evil = MonitorCheck(area="drift", subject="<img src=x onerror=alert(1)>\u202e", statistic="psi", value=1.0,
                        threshold=0.2, verdict="alert", detail="'\"><script>", labels=("<b>",), before=(1.0,),
                        after=(1.0,))  # fmt: skip
    report = MonitorReport(endpoint="churn", environment="dev", model="churn", version=1,
                           window=Window(start="2026-03-01T10:00:00.000Z", end="2026-03-01T11:00:00.000Z"), rows=1,
                           labelled=0, checks=(evil,), alerts=(evil.key,),
                           since={evil.key: "2026-03-01T10:00:00.000Z"})  # fmt: skip

    shown = page.render(plan(), [report])

    assert [one for one in ("<img", "<script", "\u202e", "<b>") if one in shown] == []


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_shows_it_in_both_schemes_and_asks_nobody(tmp_path: Path, rendered: str, scheme: str) -> None:
    (tmp_path / "page.html").write_text(rendered)
    log = tmp_path / "net.json"

    dom = _browse(tmp_path, f"--log-net-log={log}", "--dump-dom", *(["--force-dark-mode"] if scheme == "dark" else []))

    assert "4 alerts" in dom
    asked = set(re.findall(r'"url":"((?:https?|wss?)://[^"]+)"', log.read_text(errors="replace")))
    assert {one for one in asked if not re.search(r"google|gvt1\.com", one)} == set()  # the browser's own


@browser
def test_a_browser_draws_more_than_an_empty_page_on_a_telephone_too(tmp_path: Path, rendered: str) -> None:
    (tmp_path / "page.html").write_text(rendered)

    _browse(tmp_path, f"--screenshot={tmp_path / 'shot.png'}", "--window-size=400,1500")

    assert (tmp_path / "shot.png").stat().st_size > 40_000


def _browse(folder: Path, *options: str) -> str:
    assert CHROMIUM is not None
    quiet = [
        "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking",
        "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
    ]  # fmt: skip
    done = subprocess.run([CHROMIUM, *quiet, *options, (folder / "page.html").as_uri()], capture_output=True, text=True,
                          timeout=120, check=True)  # fmt: skip
    return done.stdout
