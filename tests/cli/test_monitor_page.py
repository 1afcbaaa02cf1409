"""Monitoring's HTML page: what it says of reports, and that a real browser shows it without asking anybody.

The browser is Debian's chromium, or what CHROMIUM names; without one those tests are skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.cli.reports.monitoring import page
from groundplan.cli.reports.monitoring.trend import trend
from groundplan.core import clock
from groundplan.lifecycle import managed as managed_monitors
from groundplan.lifecycle.contract.monitoring import Area, CheckVerdict, MonitorCheck, MonitorReport, Window
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


def test_the_page_begins_with_each_alert_in_a_line_that_leads_to_it(rendered: str) -> None:
    first = rendered.partition("<h2>What changed</h2>")[0]
    lines = [re.sub(r"<[^>]+>", "", line) for line in re.findall(r"<li>(.*?)</li>", first)]

    assert lines[2] == "Inputs, age: over 53: 97.3% now, 10.0% in the training data since 2026-03-01 05:00 UTC"
    assert [line.partition(":")[0] for line in lines] == [
        "Performance, model", "Predictions, predictions", "Inputs, age", "Data quality, age",
    ]  # fmt: skip
    assert set(re.findall(r'href="#([^"]+)"', rendered)) <= set(re.findall(r'id="([^"]+)"', rendered))


def test_what_is_allowed_is_said_in_the_words_of_its_area(rendered: str) -> None:
    said = re.findall(r'<span class="soft">\((\D+ [\d.]+)\)</span></dd>', rendered)

    assert said == ["may be worse by 0.1", "allowed: 0.2", "allowed: 0.2", "allowed: 0.01"]


def test_a_check_is_drawn_over_its_windows_with_what_is_allowed(reports: list[MonitorReport]) -> None:
    checks = {check.key: check for check in reports[-1].checks}
    found = trend(checks["drift/age/psi"], reports)
    values = [next(check.value for check in one.checks if check.key == "drift/age/psi") for one in reports]
    most = max(value for value in values if value is not None)

    assert [bar.word for bar in found.bars] == ["ok"] * 5 + ["found", "alert", "alert"]
    assert [bar.value for bar in found.bars] == values
    assert found.line == pytest.approx(48 * (1 - 0.2 / most), abs=0.1)
    assert [bar.y + bar.height for bar in found.bars] == pytest.approx([48] * 8)
    assert max(bar.height for bar in found.bars) == 48
    assert trend(checks["performance/model/accuracy"], reports).line is None


def test_a_window_that_said_nothing_of_a_check_is_drawn_as_such(reports: list[MonitorReport]) -> None:
    check = next(check for check in reports[-1].checks if check.key == "drift/age/psi")
    empty = replace(reports[0], checks=(), alerts=())

    (first, *_) = trend(check, [empty, *reports[1:]]).bars

    assert (first.word, first.value, first.height) == ("none", None, 2.0)


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


@pytest.fixture(scope="module")
def managed(reports: list[MonitorReport]) -> list[MonitorReport]:
    """Azure ML's monitor found drift of one feature, none of the other, and could not watch a third."""

    def check(subject: str, value: float, verdict: CheckVerdict) -> MonitorCheck:
        return MonitorCheck(area="drift", subject=subject, statistic="PopulationStabilityIndex", value=value,
                            threshold=0.2, verdict=verdict, source="azureml")  # fmt: skip

    theirs = (check("age", 0.43, "alert"), check("plan", 0.01, "ok"), check("region", 0.02, "ok"))
    last, key = reports[-1], "azureml:drift/age/PopulationStabilityIndex"
    told = replace(
        last, checks=(*last.checks, *theirs), alerts=(*last.alerts, key),
        since={**last.since, key: last.window.start}, managed_notes=("tenure holds <b>no numbers",),
    )  # fmt: skip
    return [*reports[:-1], told]


def test_what_the_clouds_monitor_says_stands_beside_what_groundplan_measured(managed: list[MonitorReport]) -> None:
    shown = page.render(plan(managed=True), managed)
    section = shown.partition("Azure ML's monitor says</h2>")[2].partition("<h2")[0]
    cells = [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
             for row in re.findall(r"<tr>(.*?)</tr>", section)]  # fmt: skip

    own = next(one.value for one in managed[-1].own if one.key == "drift/age/psi")
    assert [row[:7] for row in cells[1:]] == [
        ["Inputs · age", "PopulationStabilityIndex", "found", "0.43", "0.2", "found psi", f"{own:.4g}"],
        ["Inputs · plan", "PopulationStabilityIndex", "ok", "0.01", "0.2", "ok psi", cells[2][6]],
        ["Inputs · region", "PopulationStabilityIndex", "ok", "0.02", "0.2", "not measured", "–"],
    ]
    assert "tenure holds &lt;b&gt;no numbers" in section
    assert "5 alerts" in shown
    assert "Azure ML · Inputs, <bdi>age</bdi>" in shown
    assert "Azure ML · Inputs · age · PopulationStabilityIndex" in shown
    counted = re.search(r"<dt>Checks</dt><dd>(.*?)</dd>", shown)
    assert counted is not None
    assert sum(map(int, re.findall(r"\d+", counted[1]))) == len(managed[-1].own)


def test_a_clouds_figure_stands_beside_that_of_the_same_thing_and_of_nothing_else(reports: list[MonitorReport]) -> None:
    def beside(area: Area, subject: str, statistic: str) -> str:
        check = MonitorCheck(area=area, subject=subject, statistic=statistic, value=1.0, threshold=0.2, verdict="ok",
                             source="azureml")  # fmt: skip
        own = managed_monitors.beside(reports[-1], check)
        return "" if own is None else own.key

    assert beside("drift", "age", "jensen_shannon_divergence") == "drift/age/psi"
    assert beside("prediction", "churned", "l_infinity") == "prediction/predictions/psi"
    assert beside("quality", "age", "NullValueRate") == "quality/age/missing"
    assert beside("quality", "age", "OutOfBoundsRate") == "quality/age/range"
    assert beside("quality", "plan", "OutOfBoundsRate") == "quality/plan/unseen"
    assert (beside("quality", "age", "AnotherRate"), beside("drift", "region", "psi")) == ("", "")


def test_a_page_without_a_clouds_monitor_says_nothing_of_one(rendered: str) -> None:
    assert "monitor says" not in rendered


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
