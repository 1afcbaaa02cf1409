"""The tracking store: made once, survives kills and rivals, and says so when it is damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking

OPEN = """
import sys
from pathlib import Path
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking
print(len(tracking.open_store(Layout(Path(sys.argv[1]))).search_experiments()))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    layout = Layout(tmp_path_factory.mktemp("store"))
    tracking.open_store(layout)
    return layout.tracking_database.read_bytes()


def layout_with(root: Path, content: bytes) -> Layout:
    layout = Layout(root)
    layout.tracking_database.parent.mkdir(parents=True)
    layout.tracking_database.write_bytes(content)
    return layout


def test_a_store_is_made_whole_and_opened_again(tmp_path: Path, made: bytes) -> None:
    layout = layout_with(tmp_path, made)

    client = tracking.open_store(layout)
    experiment = client.create_experiment("churn", artifact_location=layout.artifacts.as_uri())

    assert tracking.open_store(layout).get_experiment(experiment).name == "churn"


def test_two_processes_that_open_it_first_do_not_race(tmp_path: Path) -> None:
    (tmp_path / ".groundplan" / "tracking").mkdir(parents=True)
    (tmp_path / ".groundplan" / "tracking" / "mlflow.db.new").write_bytes(b"what a kill left behind")

    rivals = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ends = [(*rival.communicate(timeout=120), rival.returncode) for rival in rivals]

    assert ends == [("1\n", "", 0)] * 2


@pytest.mark.parametrize("damage", ["junk", "empty", "truncated", "torn", "foreign"])
def test_a_damaged_store_is_said_to_be_damaged(tmp_path: Path, made: bytes, damage: str) -> None:
    content = {
        "junk": b"this is not a database" * 500,
        "empty": b"",
        "truncated": made[: len(made) // 2],
        "torn": made[:8192] + b"\x00" * 8192 + made[16384:],
        "foreign": b"SQLite format 3\x00" + b"\xff" * 4096,
    }[damage]
    layout = layout_with(tmp_path, content)

    with pytest.raises(StoreCorruptedError, match="the tracking store is") as caught:
        tracking.open_store(layout)

    assert caught.value.where == str(layout.tracking_database)
    assert "backup" in caught.value.hint
    assert layout.tracking_database.read_bytes() == content


def test_a_store_that_is_gone_although_models_are_registered_is_not_made_anew(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.registry.mkdir(parents=True)
    layout.audit_log.write_text('{"action": "register"}\n')

    with pytest.raises(StoreCorruptedError, match="is gone"):
        tracking.open_store(layout)

    assert not layout.tracking_database.exists()
