"""Bare ``pulumi`` and groundplan's own commands are one and the same to the real engine.

The engine is real, the clouds' providers are stand-ins (tests/support/stand_in): that the clouds themselves agree is
not proved here. The language host is an older one that leaves ``virtualenv`` aside: the environment is first on PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cloud_configs import AZURE, GOOGLE
from stand_in import StandIn
from terminal import clean_environment, run

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A project on a stand-in cloud, and what the engine needs to work there."""

    root: Path
    cloud: StandIn
    environment: dict[str, str]

    def pulumi(self, *arguments: str, folder: str = "infra") -> subprocess.CompletedProcess[str]:
        """Bare pulumi, as a person types it."""
        return subprocess.run(
            ["pulumi", "-C", str(self.root / folder), "--non-interactive", "--color", "never", *arguments],
            cwd=self.root, env=clean_environment(**self.environment), capture_output=True, text=True, timeout=300,
        )  # fmt: skip


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment as `pulumi install` makes one: with pip, and with what this one has."""
    folder = tmp_path_factory.mktemp("python") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, capture_output=True)
    below = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (below / "project.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    return folder / "bin"


@pytest.fixture
def place(tmp_path: Path, python: Path) -> Iterator[Callable[[str], Place]]:
    with StandIn(tmp_path) as cloud:

        def make(config: str) -> Place:
            environment = cloud.environment()
            # so that the project's own file decides where the state is
            del environment["PULUMI_BACKEND_URL"]
            environment["PATH"] = os.pathsep.join([str(python), environment["PATH"]])
            root = tmp_path / "project"
            root.mkdir()
            (root / "groundplan.yaml").write_text(config)
            return Place(root=root, cloud=cloud, environment=environment)

        yield make


def exported(place: Place) -> None:
    done = run("export", "pulumi", cwd=place.root, env=place.environment)
    assert done.returncode == 0, done.stderr


def test_what_bare_pulumi_provisions_needs_no_change_by_groundplan(place: Callable[[str], Place]) -> None:
    here = place(AZURE)
    exported(here)

    assert here.pulumi("stack", "init", "shared").returncode == 0
    up = here.pulumi("up", "--yes", "--skip-preview", "--stack", "shared")
    assert up.returncode == 0, up.stdout + up.stderr
    made = here.cloud.called("Create")
    again = run("preview", "-e", "shared", "--format", "json", cwd=here.root, env=here.environment)

    assert again.returncode == 0, again.stderr
    (stack,) = json.loads(again.stdout)["data"]["stacks"]
    assert (stack["counts"], stack["steps"]) == ({"same": len(made)}, [])
    settings = (here.root / "infra" / "Pulumi.shared.yaml").read_text()
    exported(here)
    assert settings.startswith("encryptionsalt: ")
    assert (here.root / "infra" / "Pulumi.shared.yaml").read_text() == settings


def test_what_groundplan_provisions_needs_no_change_by_bare_pulumi(place: Callable[[str], Place]) -> None:
    here = place(GOOGLE)

    up = run("up", "-e", "shared", "--yes", cwd=here.root, env=here.environment)
    assert up.returncode == 0, up.stderr
    exported(here)
    preview = here.pulumi("preview", "--stack", "shared", "--expect-no-changes")

    assert preview.returncode == 0, preview.stdout + preview.stderr


def test_a_config_that_is_wrong_ends_bare_pulumi_with_its_place_and_the_way_out(place: Callable[[str], Place]) -> None:
    here = place(AZURE)
    exported(here)
    (here.root / "groundplan.yaml").write_text(AZURE.replace("westeurope", "westeurop"))

    assert here.pulumi("stack", "init", "shared").returncode == 0
    preview = here.pulumi("preview", "--stack", "shared")

    assert preview.returncode != 0
    assert "groundplan.yaml:3:9\n    'westeurop' is not a region of azureml\n    fix: Did you mean 'westeurope'?" in (
        preview.stdout
    )
    assert "Traceback" not in preview.stdout + preview.stderr


def test_the_stack_program_itself_runs_for_a_config_that_lies_elsewhere(place: Callable[[str], Place]) -> None:
    here = place(GOOGLE)
    program = here.root.parent / "program"
    program.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / "stacks" / name, program / name)
    here.environment["PULUMI_BACKEND_URL"] = here.cloud.environment()["PULUMI_BACKEND_URL"]

    assert here.pulumi("stack", "init", "shared", folder="../program").returncode == 0
    unset = here.pulumi("preview", "--stack", "shared", folder="../program")
    here.pulumi("config", "set", "--stack", "shared", "groundplan:folder", str(here.root), folder="../program")
    preview = here.pulumi("preview", "--stack", "shared", folder="../program")

    assert unset.returncode != 0
    assert "folder" in unset.stdout + unset.stderr
    assert preview.returncode == 0, preview.stdout + preview.stderr
    assert "groundplan:vertex:Registry" in preview.stdout
