"""A panel of a Grafana dashboard, with everything that Grafana's schema of its kind demands."""

from __future__ import annotations

from typing import Any, Literal

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
"""The data source that whoever looks has chosen."""

Kind = Literal["stat", "timeseries", "table"]

_WIDTH, _HEIGHT = 12, 8
_SHORT = 4
_OPTIONS: dict[Kind, dict[str, Any]] = {
    "stat": {
        "reduceOptions": {"calcs": ["lastNotNull"], "values": False}, "orientation": "auto", "textMode": "auto",
        "colorMode": "value", "graphMode": "none", "justifyMode": "auto", "wideLayout": True,
        "showPercentChange": False, "percentChangeColorMode": "standard",
    },
    "timeseries": {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
        "tooltip": {"mode": "multi", "sort": "desc"},
    },
    "table": {"frameIndex": 0, "showHeader": True, "cellHeight": "sm"},
}  # fmt: skip
_NOT_SHOWN = ("Time", "Value", "__name__", "endpoint", "environment", "instance", "job")


def panel(kind: Kind, title: str, description: str, unit: str, *queries: tuple[str, str],
          bad_from: float | None = None) -> dict[str, Any]:  # fmt: skip
    """A panel of pairs of an expression and its legend; from ``bad_from`` on values are shown in red."""
    defaults: dict[str, Any] = {"unit": unit}
    if bad_from is not None:
        steps = [{"value": None, "color": "green"}, {"value": bad_from, "color": "red"}]
        defaults["thresholds"] = {"mode": "absolute", "steps": steps}
        if kind == "timeseries":
            defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    value: dict[str, Any] = {
        "type": kind, "title": title, "description": description, "datasource": SOURCE, "options": _OPTIONS[kind],
        "targets": [_query(kind, number, *query) for number, query in enumerate(queries)],
        "fieldConfig": {"defaults": defaults, "overrides": []},
    }  # fmt: skip
    if kind == "table":
        hidden = {"excludeByName": dict.fromkeys(_NOT_SHOWN, True), "indexByName": {}, "renameByName": {}}
        value["transformations"] = [{"id": "organize", "options": hidden}]
    return value


def placed(panels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The panels with their numbers and places: two in a row, single numbers in lower ones."""
    below = 0
    for number in range(0, len(panels), 2):
        row = panels[number : number + 2]
        height = _SHORT if all(one["type"] == "stat" for one in row) else _HEIGHT
        for side, one in enumerate(row):
            one["id"] = number + side + 1
            one["gridPos"] = {"h": height, "w": _WIDTH, "x": _WIDTH * side, "y": below}
        below += height
    return panels


def _query(kind: Kind, number: int, expression: str, legend: str) -> dict[str, Any]:
    return {
        "refId": chr(ord("A") + number), "datasource": SOURCE, "expr": expression, "legendFormat": legend,
        "instant": kind != "timeseries", "range": kind == "timeseries",
        "format": "table" if kind == "table" else "time_series",
    }  # fmt: skip
