"""Atomic writes and contained paths. What a power cut does to the disk's own cache cannot be shown here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.core import files
from groundplan.core.errors import GroundplanError, StoreCorruptedError, UsageError
from hypothesis import given
from hypothesis import strategies as st


def test_a_write_replaces_the_content_and_keeps_the_mode(tmp_path: Path) -> None:
    path = tmp_path / "script.sh"
    path.write_text("old")
    path.chmod(0o750)

    files.write_text(path, "new")

    assert (path.read_text(), path.stat().st_mode & 0o777, os.listdir(tmp_path)) == ("new", 0o750, ["script.sh"])  # noqa: PTH208


def test_a_failed_write_leaves_the_old_content_and_no_temporary_file(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    files.write_json(path, {"kept": True})

    with pytest.raises(TypeError):
        files.write_json(path, {"bad": object()})

    assert (files.read_json(path), [one.name for one in tmp_path.iterdir()]) == ({"kept": True}, ["value.json"])


def test_a_reader_never_sees_half_a_file_while_the_writer_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    files.write_json(path, {"generation": 0})
    program = (
        "import sys; from pathlib import Path; from groundplan.core import files\n"
        "generation = 0\n"
        "while True:\n"
        "    generation += 1\n"
        "    files.write_json(Path(sys.argv[1]), {'generation': generation, 'filling': 'x' * 200_000})\n"
        "    print(generation, flush=True)\n"
    )
    for after in (1, 2, 5):
        with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(after):
                writer.stdout.readline()
            writer.send_signal(signal.SIGKILL)
        assert json.loads(path.read_text())["generation"] >= after


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b"null"])
def test_a_damaged_store_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)

    with pytest.raises(StoreCorruptedError) as caught:
        files.read_json(path)

    assert caught.value.where == str(path)


@pytest.mark.parametrize("relative", ["../x", "/etc/passwd", "a/../../x", ".."])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, relative: str) -> None:
    with pytest.raises(UsageError):
        files.inside(tmp_path, relative)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "way-out").symlink_to(tmp_path)

    with pytest.raises(UsageError):
        files.inside(inner, "way-out/x")


@given(parts=st.lists(st.sampled_from(["a", "b", "..", ".", "c"]), min_size=1, max_size=6))
def test_what_is_let_through_is_inside(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    root = tmp_path_factory.getbasetemp() / "root"
    root.mkdir(exist_ok=True)
    try:
        path = files.inside(root, "/".join(parts))
    except UsageError:
        return
    assert path.resolve().is_relative_to(root.resolve())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to write to")
def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    with pytest.raises(GroundplanError) as caught, files.explained(tmp_path):
        Path("/dev/full").write_text("x")

    assert "disk is full" in caught.value.hint
