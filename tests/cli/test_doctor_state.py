"""Where a state lies and whether that is reached: as the engine works it out, and real servers on the loopback."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.cli.diagnosis.cloud.checks import state
from groundplan.cli.diagnosis.diagnosis import Diagnosis

import doctor_kit
from doctor_kit import Project
from stand_in import Store
from stand_in.services.s3 import Bucket


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with doctor_kit.project("azureml", tmp_path_factory.mktemp("doctor")) as project:
        yield project


@pytest.mark.parametrize(
    ("backend", "environment", "server"),
    [
        ("https://api.pulumi.com", {}, "https://api.pulumi.com"),
        ("gs://acme-state/churn", {}, "https://storage.googleapis.com"),
        ("azblob://state?storage_account=stacme", {}, "https://stacme.blob.core.windows.net"),
        ("azblob://state", {"AZURE_STORAGE_ACCOUNT": "stacme"}, "https://stacme.blob.core.windows.net"),
        ("azblob://state", {}, ""),
        ("s3://state?region=eu-west-1", {}, "https://s3.eu-west-1.amazonaws.com"),
        ("s3://state", {"AWS_REGION": "eu-west-1"}, "https://s3.eu-west-1.amazonaws.com"),
        ("s3://state", {}, "https://s3.amazonaws.com"),
        ("s3://state?endpoint=localhost:9000&disableSSL=true", {}, "http://localhost:9000"),
        ("redis://state", {}, ""),
    ],
)
def test_the_server_is_the_one_that_the_engine_asks(backend: str, environment: dict[str, str], server: str) -> None:
    assert state.address(backend, environment) == server


def looked(azure: Project, backend: str, monkeypatch: pytest.MonkeyPatch) -> Diagnosis:
    monkeypatch.setenv("PULUMI_BACKEND_URL", backend)
    return state.look(replace(azure.planned, seconds=60))


def test_a_server_that_answers_is_well_and_one_that_does_not_is_not(
    azure: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Bucket(Store(tmp_path)) as bucket:
        well = looked(azure, bucket.url, monkeypatch)
    gone = looked(azure, bucket.url, monkeypatch)

    assert (well.state, gone.state) == ("ok", "bad")
    assert well.found.startswith("answers (HTTP ")
    assert well.found.endswith("; whether you may read and write there only the engine finds out")
    assert "is not reached at 127.0.0.1" in gone.found


def test_a_folder_is_there_and_can_be_written_or_not(
    azure: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {one: looked(azure, f"file://{tmp_path / one}", monkeypatch) for one in ("", "mounted%20later")}

    assert {one: answer.state for one, answer in found.items()} == {"": "ok", "mounted%20later": "bad"}
    assert found["mounted%20later"].found == f"{tmp_path / 'mounted later'} is not there"


def test_a_place_that_names_no_server_is_unknown(azure: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)

    found = looked(azure, "azblob://state", monkeypatch)

    assert (found.state, found.found) == ("unknown", "azblob://state does not say which server that is")
