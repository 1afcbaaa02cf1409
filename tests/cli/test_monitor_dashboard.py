"""The dashboard against what Grafana publishes of its types, and its queries against Prometheus's own parser.

Grafana itself is not started, so that nobody has looked at the drawn panels.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.reports.monitoring import grafana

import go_tools
from monitoring_kit import plan

Board = dict[str, Any]
BOARD: Board = json.loads(grafana.dashboard(plan(managed=True)))
QUERIES = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]

WRONG: dict[str, Callable[[Board], object]] = {
    "dashboard.time.to: required field is missing from input": lambda board: board["time"].pop("to"),
    "dashboard.panels[0].type: Grafana has no panel 'number'": lambda board: board["panels"][0].update(type="number"),
    "dashboard.panels[0].targets[0].Dataquery: unexpected field 'query'": lambda board: board["panels"][0]["targets"][
        0
    ].update(query="up"),
    "dashboard.panels[2].options.legend.showLegend: required field is missing from input": lambda board: board[
        "panels"
    ][2]["options"]["legend"].pop("showLegend"),
    "dashboard.panels[3].fieldConfig.defaults.FieldConfig: unexpected field 'units'": lambda board: board["panels"][3][
        "fieldConfig"
    ]["defaults"].update(units="s"),
}


def test_the_dashboard_has_what_grafana_demands_and_nothing_that_it_does_not_know() -> None:
    assert go_tools.run("grafanacheck", given=json.dumps(BOARD)) == (0, "")


@pytest.mark.parametrize("said", WRONG)
def test_what_grafana_would_not_take_is_named(said: str) -> None:
    board = json.loads(json.dumps(BOARD))
    WRONG[said](board)

    assert go_tools.run("grafanacheck", given=json.dumps(board)) == (1, f"{said}\n")


def test_every_query_is_one_to_prometheus(tmp_path: Path) -> None:
    def checked(queries: list[str]) -> tuple[int, str]:
        rules = [{"record": f"a:{number}", "expr": query} for number, query in enumerate(queries)]
        (tmp_path / "rules.yaml").write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}))
        return go_tools.run("promcheck", "rules", "rules.yaml", folder=tmp_path)

    filled = [query.replace("$__rate_interval", "5m") for query in QUERIES]

    assert checked(filled) == (0, "")
    assert checked([*filled, "sum(up"])[0] == 1


def test_panels_say_what_they_show_and_rates_fit_how_often_is_scraped() -> None:
    """As Grafana's dashboard-linter asks, which cannot be built from the Go module registry."""
    panels, variables = BOARD["panels"], {one["name"]: one for one in BOARD["templating"]["list"]}
    asked = [query for query in QUERIES if "groundplan_monitor" not in query]

    assert [one["title"] for one in panels if not (one["description"] and one["fieldConfig"]["defaults"]["unit"])] == []
    assert {span for query in asked for span in re.findall(r"\[.*?\]", query)} == {"[$__rate_interval]"}
    assert re.findall(r"_total|_bucket", " ".join(re.sub(r"rate\(.*?\)", "", query) for query in asked)) == []
    assert [query for query in asked if 'job=~"$job",instance=~"$instance"' not in query] == []
    assert {name: variables[name]["refresh"] for name in ("job", "instance")} == {"job": 2, "instance": 2}
    assert (BOARD["editable"], variables["datasource"]["label"]) == (False, "Data source")


def test_what_the_clouds_own_monitor_found_has_a_panel_where_there_is_one_and_is_in_no_other() -> None:
    there = {one["title"]: one["targets"][0]["expr"] for one in BOARD["panels"]}
    usual = [one["title"] for one in json.loads(grafana.dashboard(plan()))["panels"]]
    theirs = "What the cloud's own monitor found, as a share of its threshold"

    assert (set(there) - set(usual), 'source!=""' in there[theirs]) == ({theirs}, True)
    assert all('source=""' in query for query in there.values() if "_value" in query and query != there[theirs])
