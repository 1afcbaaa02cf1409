"""Optional dependencies: the error names the extra."""

import sys

import pytest
from groundplan.core import extras
from groundplan.core.errors import MissingExtraError


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops.io", None)

    with pytest.raises(MissingExtraError) as caught:
        extras.load("skops.io")

    assert (caught.value.exit_code, caught.value.hint) == (2, "pip install 'groundplan[local]'")


def test_a_module_that_no_extra_brings_is_a_plain_import_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        extras.load("no_such_module")


def test_what_is_needed_in_the_end_is_asked_for_before_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    extras.demand("sklearn")

    def nothing(_: str) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", nothing)

    with pytest.raises(MissingExtraError) as caught:
        extras.demand("mlflow")

    assert caught.value.message == "mlflow is not installed; this command needs the extra 'local'"
    assert caught.value.hint == "pip install 'groundplan[local]'"
