"""Lists that people write, and groundplan's own saved plans, become resources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from groundplan.core.errors import DataError
from groundplan.modules.contract.planned import PlannedResource, Secret
from groundplan.modules.contract.planned import Unknown as Planned
from groundplan.policies.inputs.input import Format, Input
from groundplan.policies.inputs.reading import read
from groundplan.policies.resource import Resource
from groundplan.policies.values import SECRET, Unknown
from groundplan.stacks.planning import saving
from groundplan.stacks.planning.plan import Plan

BUCKET = Resource(
    urn="gcp:storage:Bucket::models", type="gcp:storage/bucket:Bucket", token="gcp:storage:Bucket", name="models",
    properties={"location": "EU"},
)  # fmt: skip
ENTRY = {"type": "gcp:storage:Bucket", "name": "models", "properties": {"location": "EU", "labels": None}}
YAML = """\
# what the platform team made by hand
- type: gcp:storage:Bucket
  name: models
  properties:
    location: EU
"""


@pytest.mark.parametrize(
    "text",
    [json.dumps([ENTRY]), json.dumps({"resources": [ENTRY]}), YAML,
     "---\nresources:\n" + "\n".join(f"  {line}" for line in YAML.splitlines())],
)  # fmt: skip
def test_a_list_is_read_bare_or_under_resources_in_json_and_yaml(tmp_path: Path, text: str) -> None:
    assert read(file(tmp_path, text)) == Input(format=Format.LIST, resources=(BUCKET,))


def test_a_list_may_say_the_project_stack_and_environment_of_all(tmp_path: Path) -> None:
    found = read(file(tmp_path, json.dumps({"project": "lab", "stack": "prod", "resources": [ENTRY]})))

    assert (found.project, found.stacks, found.resources[0].environment) == ("lab", ("prod",), "prod")


def test_references_in_a_circle_are_resolved_like_others(tmp_path: Path) -> None:
    entries = [{"type": "t", "name": name, "properties": {"of": f"${{{other}.id}}"}} for name, other in ("ab", "ba")]

    found = read(file(tmp_path, json.dumps(entries)))

    assert [one.properties for one in found.resources] == [
        {"of": Unknown(of=("t::b",))}, {"of": Unknown(of=("t::a",))}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("[1]", "entry 1 of the list is no resource", ""),
        ('[{"type": "t"}, {"name": "x"}]', "entry 2 of the list is no resource", ""),
        ('[{"type": "t", "properties": 1}]', "entry 1 of the list is no resource", ""),
        ('[{"type": "t", "name": "a"}, {"type": "u"}, {"type": "t", "name": "a"}]',
         "entries 1 and 3 of the list have the same type and name", ": t::a"),
        ("- just text", "entry 1 of the list is no resource", ""),
        ("resources: 3", "groundplan cannot check this file: it holds no list under resources", ""),
        ('{"resources": {"a": 1}}', "groundplan cannot check this file: it holds no list under resources", ""),
        ("- &a [*a]", "a value nests too deeply", ""),
        (("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
         "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nresources: [*e,*e,*e,*e,*e]"),
         "it means more than 500000 values", ""),
        ("- type: t\n  type: u", ('it is neither JSON nor YAML: found duplicate key "type" with value "u" (original '
         'value: "t")'), ":2:3"),
    ],
)  # fmt: skip
def test_a_list_that_is_wrong_is_an_error_that_says_where(tmp_path: Path, text: str, message: str, where: str) -> None:
    path = file(tmp_path, text)

    with pytest.raises(DataError) as caught:
        read(path)

    assert (caught.value.message, caught.value.where) == (message, f"{path}{where}")


def test_a_day_in_yaml_is_text(tmp_path: Path) -> None:
    found = read(file(tmp_path, "- {type: t, name: a, properties: {expires: 2027-01-31}}"))

    assert found.resources[0].properties == {"expires": "2027-01-31"}


PLAN = Plan(
    project="churn",
    stack="prod",
    platform="vertex",
    resources=(
        PlannedResource(urn="urn:pulumi:prod::churn::g:S::s", type="g:S", name="s", component=True),
        PlannedResource(urn="urn:pulumi:prod::churn::pulumi:providers:gcp::p", type="pulumi:providers:gcp", name="p"),
        PlannedResource(
            urn="urn:pulumi:prod::churn::gcp:storage/bucket:Bucket::models",
            type="gcp:storage/bucket:Bucket",
            name="models",
            parent="urn:pulumi:prod::churn::g:S::s",
            properties={
                "name": Planned(of=("urn:pulumi:prod::churn::g:S::s",), property="name"),
                "key": Secret(digest="0" * 32),
                "labels": {"$odd": ["a"], "env": "live"},
            },
            protect=True,
            cause="storage",
            where="groundplan.yaml:7:1",
        ),
    ),
)
MODELS = Resource(
    urn="urn:pulumi:prod::churn::gcp:storage/bucket:Bucket::models",
    type="gcp:storage/bucket:Bucket",
    token="gcp:storage/bucket:Bucket",
    name="models",
    properties={
        "name": Unknown(of=("urn:pulumi:prod::churn::g:S::s",)),
        "key": SECRET,
        "labels": {"$odd": ["a"], "env": "live"},
    },
    stack="prod",
    environment="prod",
    parent="urn:pulumi:prod::churn::g:S::s",
    protect=True,
    cause="storage",
    where="groundplan.yaml:7:1",
)


def test_a_saved_plan_and_a_printed_one_hold_the_same(tmp_path: Path) -> None:
    saving.write(tmp_path / "plan.json", [PLAN])
    document = saving.document([PLAN])
    printed = file(tmp_path, json.dumps({"schema": "groundplan.plan/1", "data": {**document, "changes": None}}))

    found = read(str(tmp_path / "plan.json"))

    assert found == Input(
        format=Format.PLAN, resources=(MODELS,), skipped={"components": 1, "providers": 1}, project="churn",
        stacks=("prod",),
    )  # fmt: skip
    assert read(printed) == found


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"format": 2, "stacks": []}, "the plan was saved by a newer groundplan (format 2)"),
        ({"format": 1, "stacks": [1]}, "the plan is not what groundplan plan --out writes"),
        ({"format": 1, "stacks": [{"stack": "dev"}]}, "the plan is not what groundplan plan --out writes"),
        ({"format": 1, "stacks": [{"stack": "dev", "resources": [{"urn": "u"}]}]},
         "the plan is not what groundplan plan --out writes"),
    ],
)  # fmt: skip
def test_a_plan_of_a_newer_groundplan_or_a_broken_one_is_refused(
    tmp_path: Path, document: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(file(tmp_path, json.dumps(document)))

    assert caught.value.message == message


def file(folder: Path, text: str) -> str:
    path = folder / "input"
    path.write_text(text, encoding="utf-8")
    return str(path)
