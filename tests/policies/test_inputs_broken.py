"""Files that are no input: each is a refusal that says what is wrong and where, whatever the bytes are."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from groundplan.core.errors import DataError, GroundplanError, NotFoundError, UsageError
from groundplan.policies.inputs import json_text, yaml_text
from groundplan.policies.inputs.reading import read
from hypothesis import given
from hypothesis import strategies as st

DATA = Path(__file__).parent / "data"
ENTRY = '{"type": "t", "name": "a", "properties": {"p": %s}}'


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("", "the file is empty", ""),
        (" \n\t", "the file is empty", ""),
        ("{}", "the file holds an empty object", ""),
        ('{"a": 1, "b": {}}',
         "groundplan cannot check this file: it holds nothing that is known; its keys are a, b", ""),
        ('{\n  "steps": [\n    {"op": "create", "urn": "urn:pul',
         "the JSON ends within a text: it was cut off", ":3:29"),
        ('{"steps": [{"op": "create"}', "the JSON ends too early: it was cut off", ":1:28"),
        ('{"steps": [{"op": "create"},', "the JSON ends too early: it was cut off", ":1:29"),
        ('{"steps": [{"op": tru', "the JSON ends too early: it was cut off", ":1:19"),
        ('{"steps": ', "the JSON ends too early: it was cut off", ":1:11"),
        ('{"steps": [],\n nonsense}', "it is no JSON: expecting value", ":2:2"),
        ('{"steps": [{"a" 1}]}', "it is no JSON: expecting ':' delimiter", ":1:17"),
        ('{1: 2}', "it is no JSON: a key in quotes is expected", ":1:2"),
        ('{"steps": [1]}', "a step of the preview is no object", ""),
        ('{"steps": [{"op": "create", "newState": {"inputs": {}}}]}', "an entry has no urn or no type", ""),
        ('{"deployment": {"resources": [1]}}', "a resource of the state is no object", ""),
        ("hello", "groundplan cannot check this file: it is neither JSON nor a YAML list", ""),
        ("a: b: c", "it is neither JSON nor YAML: mapping values are not allowed here", ":1:5"),
        ('{"format_version": "1.2", "terraform_version": "1.9", "planned_values": {',
         "groundplan cannot check this file: it looks like a Terraform plan or state", ""),
        ('{"AWSTemplateFormatVersion": "2010-09-09"}',
         "groundplan cannot check this file: it looks like an AWS CloudFormation template", ""),
        ("Resources:\n  Bucket: {Type: AWS::S3::Bucket}",
         "groundplan cannot check this file: it looks like an AWS CloudFormation template", ""),
        ("Resources:\n  Bucket: {Name: !Ref Other}",
         "groundplan cannot check this file: it looks like an AWS CloudFormation template", ""),
        ('{"$schema": "x", "version": "2.1.0", "runs": []}',
         "groundplan cannot check this file: it looks like a SARIF report", ""),
        ('{"$schema": "x", "contentVersion": "1.0.0.0", "resources": []}',
         "groundplan cannot check this file: it looks like an Azure Resource Manager template", ""),
        ("name: lab\nruntime: yaml\nresources: {a: {type: t}}",
         "groundplan cannot check this file: it looks like a Pulumi program", ""),
        ('resource "azurerm_storage_account" "x" {\n  name = "y"\n}',
         "groundplan cannot check this file: it looks like Terraform code", ""),
        ("<testsuite/>", "groundplan cannot check this file: it looks like XML or HTML", ""),
    ],
)  # fmt: skip
def test_a_file_that_holds_nothing_to_check_says_what_it_is_and_where(
    tmp_path: Path, text: str, message: str, where: str
) -> None:
    path = file(tmp_path, text.encode())

    error = refusal(path)

    assert (error.message, error.where) == (message, f"{path}{where}")
    assert error.hint


@pytest.mark.parametrize("levels", [150, 10_000, 200_000])
@pytest.mark.parametrize("form", ["[%s]", '{"resources": [%s]}'])
def test_a_value_of_many_levels_is_refused(tmp_path: Path, levels: int, form: str) -> None:
    error = refusal(file(tmp_path, (form % (ENTRY % ("[" * levels + "]" * levels))).encode()))

    assert error.message in ("a property nests more than 100 levels deep", "a value nests too deeply")


def test_a_yaml_value_of_many_levels_is_refused(tmp_path: Path) -> None:
    text = "- {type: t, name: a, properties: {p: " + "[" * 400 + "]" * 400 + "}}"

    assert refusal(file(tmp_path, text.encode())).message == "a value nests too deeply"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_any_encoding_of_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, f"[{ENTRY % json.dumps('café')}]".replace("\\u00e9", "é").encode(encoding))

    assert read(path).resources[0].properties == {"p": "café"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'[{"type": "\xff\xfe"}]', "it is no text in utf-8"),
        (b"PK\x03\x04rest", "it is a ZIP archive, such as a saved Terraform plan, not text"),
        (b"\x1f\x8bnot really", "the packed file is damaged"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = file(tmp_path, content)

    error = refusal(path)

    assert (error.message, error.where) == (message, path)


def test_what_is_no_file_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no file"):
        read(str(tmp_path / "none.json"))
    with pytest.raises(UsageError, match="is a folder"):
        read(str(tmp_path))
    with pytest.raises(UsageError, match="is no path"):
        read("a\0b")


def test_a_file_that_may_not_be_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, b"[]")
    Path(path).chmod(0)
    if os.access(path, os.R_OK):  # a superuser may read anything
        monkeypatch.setattr(Path, "open", denied)

    error = refusal(path)

    assert error.message == f"cannot read {path}: Permission denied"


def denied(self: Path, mode: str = "r") -> None:
    raise PermissionError(13, "Permission denied", str(self))


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BufferedReader(io.BytesIO((DATA / "export.json").read_bytes()))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=content, isatty=lambda: False))

    assert read("-") == read(str(DATA / "export.json"))


def test_a_terminal_is_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))

    with pytest.raises(UsageError, match="nothing comes in"):
        read("-")


def test_what_is_wrong_with_standard_input_is_said_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BufferedReader(io.BytesIO(b'{"steps": ['))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=content, isatty=lambda: False))

    assert refusal("-").where == "standard input:1:12"


def test_a_preview_costs_the_memory_of_its_resources_not_of_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_text, "_CHUNK", 4096)
    state = {"urn": "urn:pulumi:dev::lab::t::%d", "type": "t", "custom": True, "outputs": {"a": ["x" * 4000]}}
    entries = (json.dumps(state) % number for number in range(500))
    path = file(tmp_path, f'{{"version": 3, "deployment": {{"resources": [{",".join(entries)}]}}}}'.encode())

    tracemalloc.start()
    found = read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(found.resources) == 500
    assert peak < Path(path).stat().st_size / 2


def test_a_file_or_a_part_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_CHUNK", 64)
    monkeypatch.setattr(json_text, "LARGEST_PART", 1 << 20)
    path = file(tmp_path, f"[{ENTRY % json.dumps('x' * (3 << 20))}]".encode())

    assert refusal(path).message == "one value is larger than 1 MB"
    monkeypatch.setattr(json_text, "LARGEST_FILE", 1 << 20)
    assert refusal(path).message == "it is larger than 1 MB, the most that is read"


def test_yaml_above_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "LARGEST", 1 << 20)

    error = refusal(file(tmp_path, b"- a: " + b"x" * (1 << 20)))

    assert (error.message, error.hint) == ("the YAML is larger than 1 MB, the most that is read", "Save it as JSON.")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_a_file_means_the_same_however_it_is_cut_into_chunks(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    whole = [read(str(path)) for path in samples()]
    monkeypatch.setattr(json_text, "_CHUNK", size)

    assert [read(str(path)) for path in samples()] == whole


def samples() -> Iterator[Path]:
    yield DATA / "preview-same.json"
    yield DATA / "preview-create.json"


@given(end=st.integers(0, 8000))
def test_a_preview_that_is_cut_anywhere_is_refused_with_the_place(
    tmp_path_factory: pytest.TempPathFactory, end: int
) -> None:
    content = (DATA / "preview-create.json").read_bytes().rstrip()
    path = file(tmp_path_factory.mktemp("cut"), content[: min(end, len(content) - 1)])

    error = refusal(path)

    assert error.message in ("the file is empty", "the JSON ends too early: it was cut off",
                             "the JSON ends within a text: it was cut off")  # fmt: skip
    assert error.where.startswith(path)


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_content_at_all_is_more_than_an_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = file(tmp_path_factory.mktemp("any"), content)

    with contextlib.suppress(GroundplanError):
        read(path)


def file(folder: Path, content: bytes) -> str:
    path = folder / "input"
    path.write_bytes(content)
    return str(path)


def refusal(path: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path)
    return caught.value
