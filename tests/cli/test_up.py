"""``groundplan up``, ``status`` and ``destroy`` on one project with a served model, as a user types them.

A restart of the machine is shown by killing the server: what the operating system forgets besides, such as process
numbers, is shown in tests/lifecycle/test_processes.py.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundplan.lifecycle.local.platform import LocalPlatform
from groundplan.lifecycle.local.serving.processes import identify, wait_for_end

import served_project
from endpoint_kit import ROW, post
from terminal import run

if TYPE_CHECKING:
    from groundplan.core.layout import Layout


def document(folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = run(*words, "--format", "json", cwd=folder)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


def test_up_says_what_it_would_do_does_it_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")

    planned = document(tmp_path, "up", "--dry-run")
    made_by_the_plan = (tmp_path / ".groundplan").exists()
    first = document(tmp_path, "up")
    again = run("up", cwd=tmp_path)

    assert [one["outcome"] for one in planned["data"]["resources"]] == ["created"] * 4
    assert (made_by_the_plan, planned["next"]) == (False, ["groundplan up"])
    assert [(one["capability"], one["outcome"]) for one in first["data"]["resources"]] == [
        ("workspace", "created"),
        ("storage", "created"),
        ("registry", "created"),
        ("endpoint", "created"),
    ]
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0,
        "the platform is as it should be; nothing to do",
    )


def test_up_leaves_a_link_in_the_place_of_the_state_alone(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    project.mkdir()
    outside.mkdir()
    (project / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    (project / ".groundplan").symlink_to(outside)

    results = [run(*words, cwd=project) for words in (("up",), ("destroy", "--yes"), ("status",))]

    assert [(one.returncode, "is a link" in one.stderr) for one in results] == [(4, True)] * 3
    assert list(outside.iterdir()) == []


def test_what_is_for_clouds_is_refused_on_the_laptop_with_the_place_in_the_config(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n")

    calls = [("up", "--plan", "p"), ("destroy", "--confirm", "demo"), ("preview",), ("refresh",), ("drift",),
             ("outputs",)]  # fmt: skip
    results = [run(*words, cwd=tmp_path) for words in calls]

    assert [(one.returncode, "groundplan.yaml:2:" in one.stderr) for one in results] == [(2, True)] * len(calls)
    assert not (tmp_path / ".groundplan").exists()


def test_a_served_model_is_shown_comes_back_after_a_kill_and_goes_with_destroy(
    provisioned: Path, tmp_path: Path
) -> None:
    layout = served_project.make(tmp_path / "project", provisioned=provisioned)
    deployment = served_project.deploy(layout, served_project.register(layout, tmp_path / "model"))
    try:
        _status_shows_it(layout, deployment.url)
        _up_brings_it_back(layout)
        assert post(deployment, ROW).status_code == 200
        _destroy_stops_and_removes_it(layout)
    finally:
        if layout.endpoints.exists():
            LocalPlatform(layout).endpoints.undeploy("churn", "dev")


def _pid(layout: Layout) -> int:
    (state,) = LocalPlatform(layout).endpoints.states()
    assert state.pid is not None
    return state.pid


def _status_shows_it(layout: Layout, url: str) -> None:
    data = document(layout.root, "status")["data"]
    text = run("status", cwd=layout.root).stdout

    row, other = data["models"]
    assert (data["provisioned"], row["version"], row["verdict"], row["evidence_stale"]) == (
        True,
        1,
        "overridden",
        False,
    )
    assert [(one["person"], one["reason"], one["failures"]) for one in row["overrides"]] == [
        ("ada", served_project.WHY, ["f1"])
    ]
    assert (row["endpoint"]["url"], row["endpoint"]["health"], row["endpoint"]["version"]) == (url, "ready", 1)
    assert (other["environment"], other["version"], other["endpoint"]) == ("prod", None, None)
    assert "OVERRIDE churn 1 in dev: ada let it pass" in text
    assert f"ready {url}" in text


def _up_brings_it_back(layout: Layout) -> None:
    identity = identify(_pid(layout))
    assert identity is not None
    os.kill(identity.pid, signal.SIGKILL)
    assert wait_for_end(identity, seconds=60)

    stopped = document(layout.root, "status")
    (endpoint,) = document(layout.root, "up")["data"]["endpoints"]

    assert (stopped["data"]["models"][0]["endpoint"]["health"], stopped["next"]) == ("stopped", ["groundplan up"])
    assert (endpoint["name"], endpoint["environment"], endpoint["health"]) == ("churn", "dev", "ready")


def _what(removal: dict[str, Any]) -> dict[str, Any]:
    """An endpoint writes down each second what its versions did, also between two commands: sizes and counts move."""
    items = [{key: one[key] for key in ("path", "description")} for one in removal["items"]]
    return {**{key: value for key, value in removal.items() if key != "size_bytes"}, "items": items}


def _destroy_stops_and_removes_it(layout: Layout) -> None:
    identity = identify(_pid(layout))
    assert identity is not None
    refused = run("destroy", cwd=layout.root)
    # A damaged store and a damaged record are no reason to keep a server running.
    layout.tracking_database.write_bytes(b"no database" * 500)
    (layout.endpoints / "churn@dev" / "deployment.json").write_text("{")
    planned = document(layout.root, "destroy", "--dry-run")["data"]
    removed = document(layout.root, "destroy", "--yes")["data"]
    again = document(layout.root, "destroy", "--yes")["data"]

    assert (refused.returncode, "groundplan destroy --yes" in refused.stderr) == (2, True)
    assert _what(planned) == _what({**removed, "removed": False})
    assert (removed["endpoints"], removed["versions"]) == ([{"name": "churn", "environment": "dev"}], None)
    assert (again["removed"], again["items"]) == (False, [])
    assert identify(identity.pid) != identity
    assert sorted(path.name for path in layout.root.iterdir()) == ["customers.csv", "groundplan.yaml"]
