"""Loading: only what the registry vouches for, only skops, only trusted types; anything else is a clear error.

It does not prove that skops itself is safe with a hostile file whose digest the registry vouches for.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import pytest
from groundplan.core import digests
from groundplan.core.errors import DataError, PolicyError, StoreCorruptedError
from groundplan.lifecycle.local import loading
from groundplan.lifecycle.local.loading import Column, LoadedModel
from sklearn.linear_model import LogisticRegression  # pyright: ignore[reportMissingTypeStubs]
from sklearn.tree import DecisionTreeClassifier  # pyright: ignore[reportMissingTypeStubs]

from evaluation_kit import save_model

FRAME: Any = pd.DataFrame({"height": np.linspace(0, 1, 40), "count": np.arange(40), "odd": [True, False] * 20})
Linear: Any = LogisticRegression
Tree: Any = DecisionTreeClassifier
LABELS = ["low"] * 20 + ["high"] * 20
TREE = "sklearn.tree._tree.Tree"


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a linear model and a tree, saved by MLflow."""
    folder = tmp_path_factory.mktemp("models")
    save_model(folder / "linear", Linear().fit(FRAME, LABELS), FRAME)
    tree = save_model(folder / "tree", Linear().fit(FRAME, LABELS), FRAME)
    skops_dump(Tree().fit(FRAME, LABELS), tree / "model.skops")
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A linear model's folder that a test may change."""
    return Path(shutil.copytree(saved / "linear", tmp_path / "model"))


def skops_dump(value: object, path: Path) -> None:
    import skops.io  # pyright: ignore[reportMissingTypeStubs]

    skops.io.dump(value, path)


def load(path: Path, *trusted: str) -> LoadedModel:
    return loading.load(path, digest=digests.of_path(path), trusted_types=trusted)


def edit_description(path: Path, old: str, new: str) -> None:
    file = path / "MLmodel"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def describe(path: Path, inputs: object) -> None:
    flavor = {"pickled_model": "model.skops", "serialization_format": "skops", "sklearn_version": "1.9.1"}
    description = {"flavors": {"sklearn": flavor}, "signature": {"inputs": json.dumps(inputs)}}
    (path / "MLmodel").write_text(json.dumps(description), encoding="utf-8")


def test_a_saved_model_predicts_as_the_estimator_it_was(model: Path) -> None:
    loaded = load(model)

    assert loaded.columns == (
        Column(name="height", type="double", required=True),
        Column(name="count", type="long", required=True),
        Column(name="odd", type="boolean", required=True),
    )
    assert loaded.classes == ("high", "low")
    assert loaded.warnings == ()
    assert loaded.predict(FRAME[["odd", "count", "height"]]).tolist() == LABELS
    assert loaded.predict_proba(FRAME).shape == (40, 2)


def test_missing_columns_are_named(model: Path) -> None:
    with pytest.raises(DataError, match="lacks columns that the model needs: height, odd"):
        load(model).predict(FRAME[["count"]])


def test_a_column_that_is_not_required_is_filled_with_missing_values(model: Path) -> None:
    names = {"height": True, "count": True, "odd": False}
    describe(model, [{"type": "double", "name": name, "required": required} for name, required in names.items()])

    inputs = load(model).inputs(FRAME[["count", "height"]])

    assert list(inputs.columns) == ["height", "count", "odd"]
    assert inputs["odd"].isna().all()


@pytest.mark.parametrize("name", ["model.skops", "MLmodel", "requirements.txt"])
def test_a_changed_byte_is_refused_with_both_digests(model: Path, name: str) -> None:
    digest = digests.of_path(model)
    content = bytearray((model / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model / name).write_bytes(content)

    with pytest.raises(StoreCorruptedError) as caught:
        loading.load(model, digest=digest, trusted_types=())

    assert digest in caught.value.message
    assert digests.of_path(model) in caught.value.message


def test_an_added_file_is_refused(model: Path) -> None:
    digest = digests.of_path(model)
    (model / "sitecustomize.py").write_text("raise SystemExit", encoding="utf-8")

    with pytest.raises(StoreCorruptedError, match="was changed"):
        loading.load(model, digest=digest, trusted_types=())


def test_a_folder_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreCorruptedError, match="folder is gone"):
        loading.load(tmp_path / "nothing", digest="sha256:0", trusted_types=())


def test_a_pickled_model_is_refused_and_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, tuple[str]]:
            return (Path.touch, (Path(tmp_path / "sprung"),))  # type: ignore[return-value]

    import pickle

    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.pkl").write_bytes(pickle.dumps(Trap()))
    flavor = {"pickled_model": "model.pkl", "serialization_format": "cloudpickle", "sklearn_version": "1.9.1"}
    (folder / "MLmodel").write_text(json.dumps({"flavors": {"sklearn": flavor}}), encoding="utf-8")

    with pytest.raises(PolicyError, match="stored as cloudpickle, which can run any code"):
        load(folder)
    assert not (tmp_path / "sprung").exists()


def test_a_pickle_that_calls_itself_skops_is_refused(model: Path) -> None:
    import pickle

    (model / "model.skops").write_bytes(pickle.dumps({"a": 1}))

    with pytest.raises(StoreCorruptedError, match="no skops file"):
        load(model)


def test_untrusted_types_are_named_with_the_key_that_trusts_them(saved: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(saved / "tree")

    assert TREE in caught.value.message
    assert f"models.NAME.trusted_types: [{TREE}]" in caught.value.hint


def test_types_that_the_config_trusts_are_loaded(saved: Path) -> None:
    assert load(saved / "tree", TREE).predict(FRAME).tolist() == LABELS


def test_types_that_the_artifact_itself_asks_for_are_not_trusted(saved: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(saved / "tree", tmp_path / "model"))
    edit_description(model, "skops_trusted_types:", f"other: null\n    skops_trusted_types: [{TREE}]\n    was:")

    with pytest.raises(PolicyError, match="not trusted"):
        load(model)


@pytest.mark.parametrize("keep", [0, 1, 100, 5000, -1])
def test_a_truncated_model_is_damaged(model: Path, keep: int) -> None:
    content = (model / "model.skops").read_bytes()
    (model / "model.skops").write_bytes(content[:keep])

    with pytest.raises(StoreCorruptedError, match="no skops file that can be read"):
        load(model)


def test_a_skops_file_without_its_schema_is_damaged(model: Path) -> None:
    with zipfile.ZipFile(model / "model.skops", "w") as archive:
        archive.writestr("other.json", "{}")

    with pytest.raises(StoreCorruptedError, match="no skops file that can be read"):
        load(model)


def test_a_file_that_would_fill_the_memory_is_not_unpacked(model: Path) -> None:
    archive = zipfile.ZipFile(model / "model.skops", "w", zipfile.ZIP_DEFLATED)
    with archive, archive.open("schema.json", "w") as member:
        for _ in range(300):
            member.write(bytes(2**20))

    with pytest.raises(StoreCorruptedError, match="would unpack from"):
        load(model)


def test_a_missing_model_file_is_named(model: Path) -> None:
    (model / "model.skops").unlink()

    with pytest.raises(StoreCorruptedError, match=r"lacks the file model\.skops"):
        load(model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no model's description"),
        ("- a", "holds no model's description"),
        ("a: [", "no YAML"),
        ("a: !!python/object/apply:os.system [true]", "no YAML"),
        ("a: 1\na: 2", "no YAML"),
        ("[" * 5000, "no YAML"),
        ("x" * 1_000_001, "too large"),
        ("\x00", "no YAML"),
    ],
)
def test_a_broken_description_is_damaged(model: Path, content: str, message: str) -> None:
    (model / "MLmodel").write_text(content, encoding="utf-8")

    with pytest.raises(StoreCorruptedError, match=message):
        load(model)


def test_a_folder_without_a_description_is_no_model(model: Path) -> None:
    (model / "MLmodel").unlink()

    with pytest.raises(StoreCorruptedError, match="no file MLmodel"):
        load(model)


def test_a_model_of_another_library_is_refused(model: Path) -> None:
    (model / "MLmodel").write_text("flavors: {xgboost: {}}", encoding="utf-8")

    with pytest.raises(DataError, match="no scikit-learn model"):
        load(model)


@pytest.mark.parametrize("inputs", [None, [{"type": "tensor", "tensor-spec": {}}]])
def test_a_model_that_does_not_name_its_columns_says_how_to_save_it(model: Path, inputs: object) -> None:
    describe(model, inputs)

    with pytest.raises(DataError) as caught:
        load(model)
    assert "infer_signature" in caught.value.hint


@pytest.mark.parametrize("inputs", [[1], [{}], "text", {"a": 1}])
def test_a_signature_that_cannot_be_read_is_damaged(model: Path, inputs: object) -> None:
    describe(model, inputs)

    with pytest.raises(StoreCorruptedError, match="a signature that cannot be read"):
        load(model)


def test_a_model_file_outside_the_folder_is_refused(model: Path) -> None:
    edit_description(model, "pickled_model: model.skops", "pickled_model: ../model.skops")

    with pytest.raises(Exception, match="leaves"):
        load(model)


def test_another_scikit_learn_is_told_and_blamed(model: Path) -> None:
    import sklearn  # pyright: ignore[reportMissingTypeStubs]

    edit_description(model, f"sklearn_version: {sklearn.__version__}", "sklearn_version: 0.1.2")

    assert load(model).warnings == (
        f"saved with scikit-learn 0.1.2, loaded with {sklearn.__version__}: predictions may differ",
    )


def test_what_predicts_nothing_is_no_model(model: Path) -> None:
    skops_dump({"a": 1}, model / "model.skops")

    with pytest.raises(DataError, match="predicts nothing"):
        load(model)


def test_loading_does_not_import_mlflow(model: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from groundplan.lifecycle.local import loading;"
        f"loading.load(Path({str(model)!r}), digest={digests.of_path(model)!r}, trusted_types=());"
        "print('mlflow' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
