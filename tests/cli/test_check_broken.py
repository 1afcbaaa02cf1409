"""Files that ``check --input`` cannot judge, or only in part: each says so and none passes.

What the readers say of many more is proved in tests/policies/test_inputs_broken.py.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from terminal import GROUNDPLAN, call, clean_environment

BUCKET = "gcp:storage/bucket:Bucket"
ONE = {"type": BUCKET, "name": "data", "properties": {"publicAccessPrevention": "enforced"}}


LIMITED = """\
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2)
os.execv(sys.argv[1], sys.argv[1:])
"""


def step(name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    urn = f"urn:pulumi:dev::shop::{BUCKET}::{name}"
    return {
        "op": "create",
        "urn": urn,
        "newState": {"urn": urn, "type": BUCKET, "custom": True, "inputs": inputs, **more},
    }


def nested(levels: int) -> str:
    return '{"steps": [{"op": "create", "newState": ' + '{"a": ' * levels + "1" + "}" * levels + "}]}"


WHOLE = json.dumps({"steps": [step("data", {"labels": {"a": "b"}})]})
BROKEN = {
    "empty": ("", "the file is empty", ""),
    "truncated": (WHOLE[:-40], "the JSON ends too early: it was cut off", ":1:"),
    "another tool's": ('{"format_version": "1.2", "planned_values": {}}', "it looks like a Terraform plan", ""),
    "nested 10,000 levels": (nested(10_000), "a value nests too deeply", ":1:"),
    "nested 200 levels": (
        json.dumps({"steps": [step("data", json.loads('{"a": ' * 200 + "1" + "}" * 200))]}),
        "a property nests more than 100 levels deep", ": urn:pulumi:dev::shop::",
    ),
    "the same resource twice": (json.dumps([ONE, ONE]), "entries 1 and 2 of the list have the same type and name", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_judged_says_why_and_where(tmp_path: Path, kind: str) -> None:
    text, message, where = BROKEN[kind]
    (tmp_path / "given.json").write_text(text)

    result = call("check", "--input", "given.json", "--format", "json", cwd=tmp_path)
    found = json.loads(result.stdout)

    assert (result.returncode, result.stderr, found["data"]) == (2, "", None)
    assert message in found["errors"][0]["message"]
    assert found["errors"][0]["where"].startswith(f"given.json{where}")
    assert found["errors"][0]["hint"]


def test_resources_that_refer_to_one_another_in_a_circle_are_judged(tmp_path: Path) -> None:
    steps = [
        step("a", {"logging": {"logBucket": "b"}, "name": "a"}, parent=f"urn:pulumi:dev::shop::{BUCKET}::b"),
        step("b", {"logging": {"logBucket": "a"}, "name": "b"}, parent=f"urn:pulumi:dev::shop::{BUCKET}::a"),
    ]
    (tmp_path / "given.json").write_text(json.dumps({"steps": steps}))

    data = json.loads(call("check", "--input", "given.json", "--format", "json", cwd=tmp_path).stdout)["data"]

    assert (data["resources"], data["summary"]["errors"]) == (2, 0)
    assert data["summary"]["failed"] > 0


def test_types_that_nobody_knows_are_counted_and_judged_by_no_rule(tmp_path: Path) -> None:
    (tmp_path / "given.json").write_text(json.dumps([{"type": f"acme:x:Y{number % 2}", "name": f"n{number}"}
                                                     for number in range(3)]))  # fmt: skip

    text = call("check", "--input", "given.json", cwd=tmp_path)
    data = json.loads(call("check", "--input", "given.json", "--format", "json", cwd=tmp_path).stdout)["data"]

    assert (text.returncode, data["unjudged"], data["summary"]["passed"]) == (0, {"acme:x:Y0": 2, "acme:x:Y1": 1}, 0)
    assert "3 resources of 2 types that no rule is about" in text.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such limit")
def test_two_hundred_megabytes_are_read_in_little_memory(tmp_path: Path) -> None:
    """The outputs of a state may be long. The process may take 400 MB in all, addresses that it only reserves too."""
    filling = "x" * 1_000_000
    with (tmp_path / "state.json").open("w") as file:
        file.write('{"version": 3, "deployment": {"resources": [')
        for number in range(200):
            urn = f"urn:pulumi:dev::shop::{BUCKET}::n{number}"
            one = {"urn": urn, "type": BUCKET, "custom": True, "inputs": {}, "outputs": {"policy": [filling]}}
            file.write(("," if number else "") + json.dumps(one))
        file.write("]}}")

    check = [str(GROUNDPLAN), "check", "--input", "state.json", "--only", "GCS-02", "--format", "json"]
    result = subprocess.run(
        [sys.executable, "-c", LIMITED, *check], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True
    )

    assert (result.returncode, json.loads(result.stdout)["data"]["summary"]["failed"]) == (5, 200)
