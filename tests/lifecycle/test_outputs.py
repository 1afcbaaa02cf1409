"""What a step wrote, against the type it promised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from groundplan.lifecycle import outputs

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.pipeline import ArtifactType

GOOD: dict[str, tuple[ArtifactType, bytes]] = {
    "CSV": ("dataset", b"a,b\n1,2\n"),
    "long CSV that ends inside a character": ("dataset", b"a\n" + "é\n".encode() * 40_000),
    "Parquet": ("dataset", b"PAR1....PAR1"),
    "metrics": ("metrics", b'{"auc": 0.5, "rows": 3}'),
    "report": ("report", b"\xef\xbb\xbf\n<!doctype html><p>ok"),
    "value": ("value", b"3\n"),
}
BAD: dict[str, tuple[ArtifactType, bytes, str]] = {
    "empty": ("dataset", b"", "it is empty"),
    "header only": ("dataset", b"a,b\n\n", "it has no rows, only its header"),
    "zip": ("dataset", b"PK\x03\x04\x00\x00", "it is neither CSV nor Parquet"),
    "latin-1": ("dataset", b"a\n\xe9\n", "it is neither Parquet nor CSV in UTF-8"),
    "half Parquet": ("dataset", b"PAR1....", "it is Parquet without its end"),
    "no JSON": ("metrics", b"auc: 1", "it is not JSON"),
    "deep JSON": ("metrics", b"[" * 100_000, "it is not JSON"),
    "list": ("metrics", b"[1]", "it is not a JSON object with at least one number"),
    "no numbers": ("metrics", b"{}", "it is not a JSON object with at least one number"),
    "text": ("metrics", b'{"auc": "0.5"}', "'auc' is not a number"),
    "bool": ("metrics", b'{"ok": true}', "'ok' is not a number"),
    "infinite": ("metrics", b'{"x": Infinity}', "'x' is inf, which is not a finite number"),
    "beyond floats": ("metrics", b'{"x": 1' + b"0" * 400 + b"}", "which is not a finite number"),
    "big metrics": ("metrics", b" " * 1_000_001, "it is larger than 1000000 bytes"),
    "no HTML": ("report", b"hello", "it does not start as HTML does"),
    "empty report": ("report", b"", "it is empty or larger than 50000000 bytes"),
    "big value": ("value", b"1" * 65_537, "it is larger than 65536 bytes"),
    "binary value": ("value", b"\xff", "it is not text in UTF-8"),
    "blank value": ("value", b" \n", "it is empty"),
    "model as file": ("model", b"x", "it is not a folder"),
}


@pytest.mark.parametrize("case", GOOD)
def test_what_was_promised_is_accepted(tmp_path: Path, case: str) -> None:
    kind, content = GOOD[case]
    (tmp_path / "out").write_bytes(content)

    assert outputs.problem({"out": kind}, {"out": tmp_path / "out"}) == ""


@pytest.mark.parametrize("case", BAD)
def test_anything_else_is_said(tmp_path: Path, case: str) -> None:
    kind, content, expected = BAD[case]
    (tmp_path / "out").write_bytes(content)

    found = outputs.problem({"out": kind}, {"out": tmp_path / "out"})

    assert found.startswith(f"output 'out' is no {kind}: ")
    assert found.endswith(expected)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"MLmodel": b"flavors:\n  sklearn:\n    serialization_format: skops\n", "model.skops": b"PK"}, ""),
        ({"MLmodel": b'{"flavors": {"sklearn": {"serialization_format": "skops"}}}', "model.skops": b"PK"}, ""),
        ({"model.skops": b"PK"}, "the folder has no MLmodel file; save it with mlflow.sklearn.save_model"),
        ({"MLmodel": b"serialization_format: cloudpickle", "m": b"x"},
         'it is not in skops format; save with serialization_format="skops"'),
        ({"MLmodel": b"serialization_format: skops", "model.pkl": b"x"},
         'model.pkl is a pickle, which is refused; save with serialization_format="skops"'),
        ({"MLmodel": b"serialization_format: skops", "data": b"\x80\x04\x95"},
         'data is a pickle, which is refused; save with serialization_format="skops"'),
    ],
)  # fmt: skip
def test_a_model_is_a_folder_in_skops_format(tmp_path: Path, content: dict[str, bytes], expected: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for name, text in content.items():
        (folder / name).write_bytes(text)

    found = outputs.problem({"m": "model"}, {"m": folder})

    assert found == (f"output 'm' is no model: {expected}" if expected else "")


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("a\n1\n")
    (tmp_path / "out").symlink_to(tmp_path / "real.csv")

    assert outputs.problem({"out": "dataset"}, {"out": tmp_path / "out"}) == (
        "output 'out' is no dataset: it is a link; write the file itself"
    )
