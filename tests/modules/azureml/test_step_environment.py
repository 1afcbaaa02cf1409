"""What steps run in at Azure ML. Not proved: that the image builds, and that the index has these packages."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import Step, StepEnvironment
from groundplan.modules.azureml import step_environment
from groundplan.modules.azureml.step_environment import StepImage

GROUNDPLAN = f"groundplan[local]=={version('groundplan')}"


def of(folder: Path, requirements: str | None = None, image: str | None = None, isolated: bool = False) -> StepImage:
    if requirements is not None:
        (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    named = None if requirements is None else "requirements.txt"
    environment = StepEnvironment(requirements=named, image=image, isolated=isolated)
    return step_environment.of(folder, Step(name="fit", command=("true",), environment=environment))


def packages(image: StepImage) -> list[object]:
    found = json.loads(image.packages)
    assert (found["name"], found["channels"]) == ("step", ["conda-forge"])
    dependencies: list[object] = found["dependencies"]
    return dependencies


def test_a_step_finds_groundplan_at_the_version_that_plans(tmp_path: Path) -> None:
    image = of(tmp_path)

    assert image.image == step_environment.IMAGE
    assert packages(image) == ["python=3.11", "pip", {"pip": [GROUNDPLAN]}]


def test_requirements_come_beside_groundplan_and_without_comments(tmp_path: Path) -> None:
    image = of(tmp_path, "# what we need\nlightgbm==4.6.0  # boosting\n\nurl-tool @ https://example.com/a#egg=x\n")

    assert packages(image)[-1] == {"pip": [GROUNDPLAN, "lightgbm==4.6.0", "url-tool @ https://example.com/a#egg=x"]}


def test_an_isolated_step_has_its_requirements_only(tmp_path: Path) -> None:
    assert packages(of(tmp_path, "lightgbm==4.6.0", isolated=True))[-1] == {"pip": ["lightgbm==4.6.0"]}
    assert packages(of(tmp_path, isolated=True)) == ["python=3.11", "pip"]


def test_an_image_is_used_as_it_is_unless_requirements_are_built_on_it(tmp_path: Path) -> None:
    assert of(tmp_path, image="example.com/steps:1") == StepImage(image="example.com/steps:1")
    built = of(tmp_path, "lightgbm==4.6.0", image="example.com/steps:1")
    assert built.image == "example.com/steps:1"
    assert packages(built)[-1] == {"pip": [GROUNDPLAN, "lightgbm==4.6.0"]}


def test_the_version_follows_from_the_content(tmp_path: Path) -> None:
    first = of(tmp_path, "lightgbm==4.6.0")

    assert of(tmp_path, "lightgbm==4.6.0  # the same").version == first.version
    assert of(tmp_path, "lightgbm==4.6.1").version != first.version


@pytest.mark.parametrize(
    "line", ["-r base.txt", "--constraint other.txt", "-e .", "./wheels/a.whl", "../lib", "file:///tmp/a.whl", "."]
)
def test_what_the_image_build_does_not_have_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError, match="which Azure ML's image build does not have") as caught:
        of(tmp_path, f"lightgbm==4.6.0\n{line}\n")
    assert caught.value.where == f"{tmp_path / 'requirements.txt'}:2"


def test_credentials_in_a_url_are_refused_and_not_shown(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        of(tmp_path, "--index-url https://me:hunter2@example.com/simple\n")
    assert "hunter2" not in caught.value.message
    assert caught.value.where == f"{tmp_path / 'requirements.txt'}:1"


def test_requirements_that_are_not_there_are_named(tmp_path: Path) -> None:
    wanted = StepEnvironment(requirements="gone.txt")
    with pytest.raises(UsageError, match=r"the requirements file gone\.txt of step 'fit' is not there"):
        step_environment.of(tmp_path, Step(name="fit", command=("true",), environment=wanted))
