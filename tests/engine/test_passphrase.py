"""The passphrase: whose is used, and how the one that groundplan makes is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from groundplan.core.errors import AuthenticationError
from groundplan.stacks.engine import passphrase


@pytest.fixture(autouse=True)
def nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(passphrase.VARIABLE, raising=False)
    monkeypatch.delenv(passphrase.FILE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_one_is_made_once_for_its_owner_alone_outside_of_the_project() -> None:
    first, again = passphrase.find(create=True), passphrase.find(create=True)
    path = passphrase.kept_at()

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert first.environment == again.environment == {passphrase.FILE_VARIABLE: str(path)}
    assert (str(path) in first.notice, again.notice) == (True, "")
    assert path.read_text().strip() not in repr((first, again))
    assert [one.name for one in path.parent.iterdir()] == ["passphrase"]


def test_of_many_that_make_it_at_once_all_use_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        started = [pool.submit(passphrase.find, create=True) for _ in range(16)]

    found = [one.result().environment for one in started]
    assert (found, passphrase.kept_at().read_text().count("\n")) == ([found[0]] * 16, 1)


def test_nothing_is_made_to_look_at_a_stack() -> None:
    assert passphrase.find(create=False).environment == {}
    assert not passphrase.kept_at().exists()


def test_the_users_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "own"
    own.write_text("secret")
    monkeypatch.setenv(passphrase.FILE_VARIABLE, str(own))
    assert passphrase.find(create=True).environment == {passphrase.FILE_VARIABLE: str(own)}

    monkeypatch.setenv(passphrase.VARIABLE, "another")
    assert passphrase.find(create=True).environment == {}
    assert not passphrase.kept_at().exists()


def test_a_file_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(passphrase.FILE_VARIABLE, str(tmp_path / "none"))

    with pytest.raises(AuthenticationError, match="cannot be read"):
        passphrase.find(create=True)
