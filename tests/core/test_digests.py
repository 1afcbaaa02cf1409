"""Digests of files, folders and values."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from groundplan.core import digests
from groundplan.core.errors import GroundplanError
from hypothesis import given
from hypothesis import strategies as st

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=10,
)


def test_a_file_has_the_digest_that_sha256_gives(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"content")

    assert digests.of_path(path) == "sha256:" + hashlib.sha256(b"content").hexdigest()


@pytest.mark.parametrize("change", ["content", "name", "more", "less", "moved"])
def test_every_change_of_a_folder_changes_its_digest(tmp_path: Path, change: str) -> None:
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "a").write_text("1")
    (folder / "sub" / "b").write_text("2")
    before = digests.of_path(folder)

    match change:
        case "content":
            (folder / "a").write_text("3")
        case "name":
            (folder / "a").rename(folder / "c")
        case "more":
            (folder / "c").write_text("")
        case "less":
            (folder / "a").unlink()
        case _:
            (folder / "sub" / "b").rename(folder / "b")

    assert digests.of_path(folder) != before


def test_a_link_in_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")

    with pytest.raises(GroundplanError):
        digests.of_path(tmp_path)


@given(value=st.dictionaries(st.text(), _VALUES))
def test_key_order_does_not_matter(value: dict[str, object]) -> None:
    assert digests.of_value(dict(reversed(value.items()))) == digests.of_value(value)
