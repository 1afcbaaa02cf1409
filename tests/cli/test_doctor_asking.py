"""How ``groundplan doctor`` asks: all checks at once, for a limited time, and never more than it was told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.cli.diagnosis.asked import IDS
from groundplan.cli.diagnosis.cloud import asking, catalogue
from groundplan.cli.diagnosis.cloud.catalogue import Check
from groundplan.cli.diagnosis.cloud.view import View
from groundplan.cli.diagnosis.diagnosis import Diagnosis
from groundplan.core.errors import AuthenticationError, GroundplanError, MissingExtraError

import cloud_configs
import doctor_kit
from terminal import call

Look = Callable[[], Diagnosis]
WELL = Diagnosis(state="ok", found="well")


class Limited:
    """As much of a view as asking itself looks at."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


def asked(monkeypatch: pytest.MonkeyPatch, looks: Mapping[str, Look], *, seconds: float = 60) -> dict[str, Diagnosis]:
    """What these looks come to when they are asked as checks."""

    def find(_view: View, _skipped: object) -> list[Check]:
        return [Check(id=id, title=id, look=look) for id, look in looks.items()]

    monkeypatch.setattr(catalogue, "find", find)
    return {check.id: answer for check, answer in asking.ask(cast("View", Limited(seconds)), ())}


def raising(error: Exception) -> Look:
    def look() -> Diagnosis:
        raise error

    return look


def test_all_checks_ask_at_once_and_are_shown_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(3)

    def wait() -> Diagnosis:
        together.wait(60)
        return WELL

    assert [*asked(monkeypatch, {"c": wait, "a": wait, "b": wait})] == ["c", "a", "b"]


def test_one_that_hangs_keeps_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def hang() -> Diagnosis:
        free.wait(60)
        return WELL

    try:
        found = asked(monkeypatch, {"cloud.a": hang, "cloud.b": lambda: WELL}, seconds=2)
    finally:
        free.set()
        doctor_kit.settle()

    assert (found["cloud.a"].state, found["cloud.a"].found) == ("unknown", "no answer within 2 s")
    assert found["cloud.b"] == WELL


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (GroundplanError("no", hint="ask for it"), "ask for it"),
        (AuthenticationError("not signed in", hint="az login"), "See cloud.login."),
    ],
)
def test_what_could_not_be_asked_is_unknown(monkeypatch: pytest.MonkeyPatch, error: GroundplanError, fix: str) -> None:
    found = asked(monkeypatch, {"one": raising(error)})["one"]

    assert (found.state, found.found, found.fix) == ("unknown", error.message, fix)


def test_a_mistake_in_a_check_is_not_taken_for_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ZeroDivisionError):
        asked(monkeypatch, {"one": raising(ZeroDivisionError())})


def checks(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    done = call("doctor", "--format", "json", *words, cwd=folder, env=env)
    return {one["id"]: one for one in json.loads(done.stdout)["data"]["checks"]}


def test_without_the_clouds_sdk_its_checks_are_unknown_and_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE, encoding="utf-8")

    def missing(*_: object, **_more: object) -> None:
        raise MissingExtraError("azure is not installed", hint="pip install 'groundplan[azureml]'")

    monkeypatch.setattr("groundplan.cli.diagnosis.cloud.view.view", missing)

    found = checks(tmp_path, "-e", "dev", "--skip", "cloud.quota")

    asked = {id: (one["state"], one["fix"]) for id, one in found.items() if id.startswith("cloud.")}
    assert asked == dict.fromkeys(
        [id for id in IDS if id != "cloud.quota"],
        ("unknown", "pip install 'groundplan[azureml]'"),
    )


def test_on_the_laptop_there_is_no_cloud_to_ask(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n", encoding="utf-8")

    found = checks(tmp_path, "-e", "dev")

    assert [id for id in found if id.startswith("cloud.")] == []
    assert {"endpoints", "signin"} <= set(found)


@pytest.mark.parametrize("words", [("-e", "shared"), ("-e", "nowhere")])
def test_on_the_laptop_nothing_is_shared(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: demo\nplatform: local\n", encoding="utf-8")

    assert call("doctor", *words, cwd=tmp_path).returncode == 6


def test_outside_a_project_there_is_no_environment(tmp_path: Path) -> None:
    done = call("doctor", "-e", "dev", cwd=tmp_path)

    assert (done.returncode, "NOT_FOUND" in done.stderr) == (6, True)


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_limit_is_some_time(tmp_path: Path, seconds: str) -> None:
    assert call("doctor", "--timeout", seconds, cwd=tmp_path).returncode == 2
