"""How plans look: every format, with names as people would never choose them, and plans that are far too long.

That the picture is legible was looked at in a browser, not tested; that GitHub renders the comment so was not tried.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from groundplan.cli.output import Output
from groundplan.cli.reports import comment
from groundplan.cli.reports.plans import markdown, mermaid, svg, text
from groundplan.cli.reports.plans.outline import direct, outline
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.planned import Grant, PlannedResource, QuotaNeed, Secret, Unknown
from groundplan.modules.contract.rules import NameRule, TypeRules
from groundplan.stacks.planning.comparison import PropertyChange, ResourceChange
from groundplan.stacks.planning.plan import Plan
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from planning_kit import resource, urn

BOX = "groundplan:azureml:Storage"
KIND = "azure-native:storage:StorageAccount"
RULES = {KIND: TypeRules(source="here", name=NameRule(property="accountName", pattern=".*", minimum=3, maximum=24))}
EVIL = [
    "<script>alert(1)</script>", "@octocat", "a|b", "`x`", "**bold**", "[a](http://evil.example)", "https://evil.example",
    "\x1b[31mred\x1b[0m", "\u202eesrever", "#1", "org/repo#12", "![x](y)", "</details>", "_a_", "*", "\\", "&lt;",
    "-->", "$(id)", "${{ x }}", "www.evil.example", "a\nb", '"quoted"', "~~no~~", "::error::x", "]]>",
]  # fmt: skip


def plan(*names: str, stack: str = "dev", **fields: Any) -> Plan:
    box = resource("storage", BOX, stack=stack, component=True, where="groundplan.yaml:3:1")
    made = [
        resource(
            f"storage-{name}", KIND, stack=stack, parent=box.urn, protect=number == 0,
            properties={"accountName": name, "id": Unknown(of=(urn("x"),), property="id"), "key": Secret(digest="d")},
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    return Plan(project="churn", stack=stack, platform="azureml", resources=(box, *made), **fields)


FULL = plan(
    "data",
    "logs",
    steps=(AfterUp(title="Deploy", reason="the lifecycle decides", command="groundplan deploy churn"),),
    grants=(Grant(principal="group a", role="Reader", scope="rg", resource="r"),),
    quota=(QuotaNeed(family="standardDSv2Family", region="westeurope", amount=20, unit="vCPU", reasons=("default",)),),
    unsupported={"features": "not here"},
)
CHANGES = [
    ResourceChange(
        kind="replaced", stack="dev", urn="u", type=KIND, name="storage-data", stateful=True, loses="all of its files",
        properties=(PropertyChange(path="location", before="eu", after="us", forces=True),
                    PropertyChange(path="key", before=Secret(digest="a"), after=Secret(digest="b"))),
        cause="region", where="groundplan.yaml:3:9",
    ),
    ResourceChange(kind="added", stack="dev", urn="v", type=KIND, name="storage-new"),
]  # fmt: skip


def printed(write: Any, capsys: pytest.CaptureFixture[str], *arguments: Any, verbosity: int = 0) -> str:
    write(Output(color="never", verbosity=verbosity), *arguments)
    return capsys.readouterr().out


def test_text_is_a_tree_with_its_sections_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(text.write, capsys, [FULL], RULES)
        == """\
stack dev  2 resources
  storage  2 resources
    storage-data  storage.StorageAccount  data  protected
    storage-logs  storage.StorageAccount  logs

after up
  Deploy: the lifecycle decides
    $ groundplan deploy churn

permissions
  dev  group a  Reader  on rg

quota
  20 vCPU of standardDSv2Family in westeurope  dev: default

not on this platform
  features: not here

churn on azureml: 2 resources (dev 2)
"""
    )


def test_more_text_has_every_property_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(text.write, capsys, [plan("data")], RULES, verbosity=1).splitlines()

    assert lines[1:6] == [
        "  storage  1 resource  groundplan.yaml:3:1",
        "    storage-data  storage.StorageAccount  data  protected",
        "        accountName: data",
        "        id: known after up (id of x)",
        "        key: secret",
    ]


def test_changes_say_what_is_lost_and_which_key_caused_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        printed(text.write_changes, capsys, CHANGES)
        == """\
-/+ dev  storage-data  storage.StorageAccount
      location: eu -> us  (forces the replacement)
      key: secret -> secret
+   dev  storage-new  storage.StorageAccount

REPLACED: storage-data in dev because of location
  lost with it: all of its files
  asked for by region (groundplan.yaml:3:9)
1 added, 1 replaced
"""
    )
    assert printed(text.write_changes, capsys, []) == "nothing changed\n"


def test_the_comment_says_first_what_changed_then_what_is_risky_then_the_rest() -> None:
    page = markdown.render([FULL], RULES, CHANGES)
    order = [
        "<!-- groundplan plan -->", "## Plan of churn on azureml", "**1 added, 1 replaced**", "> [!CAUTION]",
        "all of its files", "| replaced |", "After up", "Who gains which permission", "Quota",
        "Not on this platform", "Stack dev",
    ]  # fmt: skip

    positions = [page.index(one) for one in order]

    assert positions == sorted(positions)
    assert page.count("<details>") == page.count("</details>") == 5


def _visible(page: str) -> tuple[str, set[str]]:
    """The text that a reader sees, and the kinds of inline markup that are in it."""
    tokens = [
        child
        for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(page)
        for child in token.children or []
    ]
    seen = "".join(token.content for token in tokens if token.type in ("text", "text_special"))
    return seen, {token.type for token in tokens if not (token.type == "html_inline" and token.content == "<!-- -->")}


@pytest.mark.parametrize("name", EVIL)
def test_in_a_comment_a_name_is_shown_and_does_nothing(name: str) -> None:
    seen, kinds = _visible(f"before {comment.safe(name)} after")

    assert seen == f"before {' '.join(name.split())} after".replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    assert kinds <= {"text", "text_special"}
    assert not re.search(r"[@#]\w|://|www\.", comment.safe(name).replace("&#", ""))


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_any_visible_text_is_shown_as_it_is(name: str) -> None:
    seen, kinds = _visible(f"before {comment.safe(name)} after")

    assert (seen, kinds <= {"text", "text_special"}) == (f"before {name} after", True)


@pytest.mark.parametrize("count", [10, 400, 5000])
def test_a_comment_is_never_longer_than_a_comment_may_be(count: int) -> None:
    names = [f"{'@' * 20}{number}" for number in range(count)]
    changes = [
        ResourceChange(kind="removed", stack="dev", urn=name, type=KIND, name=name, stateful=True) for name in names
    ]

    page = markdown.render([plan(*names)], RULES, changes)

    assert len(page) <= comment.BUDGET
    assert page.count("<details>") == page.count("</details>")
    assert ("do not fit" in page) == (count > 10)
    assert page.startswith("<!-- groundplan plan -->\n## Plan of")


def test_the_quota_that_several_stacks_need_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    need = FULL.quota[0]
    prod = plan("data", stack="prod", quota=(need, replace(need, family="lowPriorityCores", amount=4)))

    shown = printed(text.write, capsys, [FULL, prod], RULES)

    assert (
        shown[shown.index("quota") :].split("\n\n")[0]
        == """\
quota
  20 vCPU of standardDSv2Family in westeurope  dev: default
  20 vCPU of standardDSv2Family in westeurope  prod: default
  4 vCPU of lowPriorityCores in westeurope  prod: default
  40 vCPU of standardDSv2Family in westeurope  together: dev, prod in one account"""
    )
    assert "| 40 vCPU | standardDSv2Family | westeurope | together |" in markdown.render([FULL, prod], RULES, None)


def test_principals_that_differ_at_their_end_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    far = "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/churn/subject/"
    grants = tuple(Grant(principal=f"{far}{name}", role="r", scope="s", resource="x") for name in ("dev", "prod"))

    shown = printed(text.write, capsys, [plan("data", grants=grants)], RULES)

    assert (f"  dev  {far}dev  r  on s\n" in shown, f"  dev  {far}prod  r  on s\n" in shown) == (True, True)


def test_a_name_and_its_type_do_not_meet_on_a_picture() -> None:
    [box] = plan("x" * 60).resources[:1]
    long = resource("storage-" + "x" * 60, "gcp:a/repositoryIamMember:RepositoryIamMember", parent=box.urn)
    made = svg.render([replace(plan(), resources=(box, long))], {})

    row = [one.text or "" for one in ET.fromstring(made).iter() if (one.text or "").startswith(("xx", "Repository"))]

    assert row == [f"{'x' * 21}…", "RepositoryIamMember"]


@pytest.mark.parametrize("name", EVIL)
def test_a_picture_is_wellformed_whatever_the_names_are(name: str) -> None:
    root = ET.fromstring(svg.render([plan(name, "other")], RULES))

    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "title", "style", "defs", "marker", "path", "rect", "text", "g"}
    assert f"storage-{name}"[:5] in "".join(root.itertext())


@pytest.mark.parametrize("name", EVIL)
def test_a_flow_chart_keeps_names_within_their_quotes(name: str) -> None:
    chart = mermaid.render([plan(name)], RULES)

    for line in chart.splitlines():
        assert re.fullmatch(r'[\w ]+|\s*(subgraph )?\w+\["[^"<>`\x1b]*(<br>[^"<>`\x1b]*)*"\]|\s*\w+ --> \w+', line)


def chain(count: int) -> Plan:
    resources: list[PlannedResource] = []
    for number in range(count):
        box = resource(f"c{number:03}", BOX, component=True)
        after = (resources[-1].urn,) if resources else ()
        resources += [box, resource(f"c{number:03}-it", KIND, parent=box.urn, dependencies=after)]
    return Plan(project="churn", stack="dev", platform="azureml", resources=tuple(resources))


def test_a_large_plan_is_drawn_by_component() -> None:
    small, large = (mermaid.render([chain(count)], RULES) for count in (3, 200))

    assert "s0r0[" in small
    assert "s0r0[" not in large
    assert "s0g0 --> s0g1" in large
    assert len(large) < 50_000


def test_only_direct_dependencies_are_drawn() -> None:
    def box(name: str, *after: str) -> list[PlannedResource]:
        component = resource(name, BOX, component=True)
        needed = tuple(urn(f"{other}-x", KIND) for other in after)
        return [component, resource(f"{name}-x", KIND, parent=component.urn, dependencies=needed)]

    resources = (*box("a"), *box("b", "a"), *box("c", "a", "b"))
    groups = outline(Plan(project="p", stack="dev", platform="azureml", resources=resources)).groups

    assert direct(groups) == {"a": (), "b": ("a",), "c": ("b",)}


def _all(plans: Sequence[Plan]) -> list[str]:
    return [markdown.render(plans, RULES, CHANGES), mermaid.render(plans, RULES), svg.render(plans, RULES)]


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert _all([FULL, chain(5)]) == _all([FULL, chain(5)])
