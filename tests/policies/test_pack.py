"""The policy pack without the engine: how rules are described, configured, asked and heard.

That the engine takes all of it is shown by test_places.py and tests/engine/test_policies.py.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import groundplan.policies
import pytest
import yaml
from groundplan.core import clock
from groundplan.core.errors import UsageError
from groundplan.policies import catalogue, checking, examples
from groundplan.policies.config import ProjectConfig
from groundplan.policies.exemptions import Exemption
from groundplan.policies.finding import Finding, Key
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.outcome import Verdict, failed
from groundplan.policies.pack import messages, policy, settings, values
from groundplan.policies.pack.judging import Pack, resource_of
from groundplan.policies.pack.policy import PROJECT, Policy
from groundplan.policies.pack.settings import Configured, PackSettings
from groundplan.policies.packs import Level
from groundplan.policies.resource import Resource
from groundplan.policies.rule import Facts, ResourceRule, Severity
from groundplan.policies.settings import Settings
from groundplan.policies.values import SECRET, Unknown

from rule_cases import all_cases

RULES = policy.rules_of(catalogue.ours().values())
ACCOUNT = "azure-native:storage:StorageAccount"
URN = f"urn:pulumi:prod::churn::{ACCOUNT}::store"
EXEMPTION = Exemption(
    rule="STO-02", resource="store", reason="the old client is replaced in spring", owner="ana@example.com",
    expires="2026-12-24", today=clock.today(),
)  # fmt: skip


def account(properties: Mapping[str, object], known: PackSettings | None = None) -> Resource:
    return resource_of(
        urn=URN, type=ACCOUNT, name="store", properties=values.properties(properties, {}),
        settings=known or PackSettings(),
    )  # fmt: skip


def given(content: Mapping[str, object]) -> dict[str, Configured]:
    """What the engine hands on of a file's content."""
    levels = {word: level for level, word in settings.WORDS.items()}
    made: dict[str, Configured] = {}
    for name, entry in content.items():
        assert isinstance(entry, dict)
        own: dict[str, object] = dict(entry)  # pyright: ignore[reportUnknownArgumentType]
        made[name] = Configured(level=levels[str(own.pop("enforcementLevel"))], values=own)
    return made


def findings(pack: Pack, resource: Resource, rule: str) -> list[Finding]:
    return [one for one in pack.resource(resource).findings if one.rule.id == rule]


def test_a_rule_is_described_as_its_page_describes_it() -> None:
    described = {one.name: one for one in policy.policies(RULES.values())}

    assert described["STO-12"] == Policy(
        name="STO-12",
        display_name="STO-12 Deleted blobs can be brought back",
        description="Deleted blobs can be brought back",
        kind="stack",
        level=Level.ADVISE,
        severity=Severity.MEDIUM,
        framework=described["STO-12"].framework,
        reference=RULES["STO-12"].covers[0],
        specification=", ".join(RULES["STO-12"].covers),
        tags=described["STO-12"].tags,
        remediation_steps=described["STO-12"].remediation_steps,
        url="docs/policies.md#sto-12",
        schema={"days": {"type": "number", "default": 7, "description": RULES["STO-12"].options["days"].help}},
    )
    assert [name for name, one in described.items() if not (one.remediation_steps and one.url)] == []
    assert [name for name in RULES if not described[name].tags] == []


def test_a_policy_leads_to_its_place_in_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
    anchors = [one.url.removeprefix("docs/policies.md#") for one in policy.policies(RULES.values())]

    assert [one for one in anchors if f'<a id="{one}"></a>' not in page and one != "in-the-engine"] == []
    assert "## In the engine" in page


def test_config_evidence_and_action_rules_are_no_engines_matter() -> None:
    left = {one.scope for one in catalogue.ours().values() if one.id not in RULES}

    assert left == {"config", "evidence"} | ({"action"} & left)


def test_what_a_config_says_reaches_the_pack_whole() -> None:
    said = Settings(levels={"STO-02": "off"}, values={"STO-12": {"days": 30}}, exemptions=[EXEMPTION])
    config = ProjectConfig(environment="prod", tier="production", values={"region": "westeurope"})
    resource = replace(account({}), cause="storage", where="groundplan.yaml:3:1")

    content = settings.written(said, RULES.values(), config=config, resources=[resource])
    read = settings.read(given(content), RULES, clock.today())

    assert {id: read.settings.level(rule) for id, rule in RULES.items()} == {
        id: said.level(rule) for id, rule in RULES.items()
    }
    assert (read.settings.of(RULES["STO-12"]), list(read.settings.exemptions)) == ({"days": 30}, [EXEMPTION])
    assert (read.config, read.causes) == (config, {URN: ("storage", "groundplan.yaml:3:1")})
    assert account({}, read).where == "groundplan.yaml:3:1"


def test_without_a_file_every_rule_is_on_by_its_severity() -> None:
    assert {one.name: one.level for one in policy.policies(RULES.values())} == {
        PROJECT: Level.ADVISE,
        **{id: Level.ENFORCE if rule.severity in ("critical", "high") else Level.ADVISE for id, rule in RULES.items()},
    }


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ({"STO-2": {}}, "there is no rule 'STO-2'", "Did you mean"),
        ({"STO-12": {"day": 3}}, "STO-12 has no setting 'day'", "Did you mean"),
        ({"STO-12": {"days": "three"}}, "STO-12 takes another kind of value for 'days'", "Such as 7."),
        ({PROJECT: {"exemptions": [{"rule": "STO-02"}]}}, "an exemption lacks the key 'expires'", "Each has rule,"),
        ({PROJECT: {"exemptions": [{"rules": "STO-02"}]}}, "an exemption has no key 'rules'", "Did you mean"),
    ],
)
def test_a_file_that_cannot_be_is_refused(content: dict[str, dict[str, object]], message: str, hint: str) -> None:
    entries = {name: {"enforcementLevel": "advisory", **entry} for name, entry in content.items()}

    with pytest.raises(UsageError) as raised:
        settings.read(given(entries), RULES, clock.today())

    assert (message in raised.value.problems[0].message, hint in raised.value.problems[0].hint) == (True, True)


def test_an_exempted_finding_is_told_and_blocks_nothing() -> None:
    pack = Pack(rules=RULES, today=clock.today(), settings=PackSettings(settings=Settings(exemptions=[EXEMPTION])))

    found = findings(pack, account({"minimumTlsVersion": "TLS1_0"}), "STO-02")

    assert [(one.verdict, one.status, one.blocks) for one in found] == [(Verdict.FAIL, "exempted", False)]
    assert messages.message(found[0]).splitlines()[-1] == (
        "exempted until 2026-12-24 by ana@example.com: the old client is replaced in spring"
    )
    assert pack.stack([account({"minimumTlsVersion": "TLS1_2"})]).unused == [EXEMPTION]


def test_what_is_unknown_waits_for_the_stack_and_is_never_a_pass() -> None:
    pack = Pack(rules=RULES, today=clock.today())
    resource = account({"minimumTlsVersion": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"})

    alone = pack.resource(resource)
    together = pack.stack([resource], {("STO-02", URN)})

    assert ("STO-02" in alone.waiting, [one for one in alone.findings if one.rule.id == "STO-02"]) == (True, [])
    assert [(one.verdict, one.blocks) for one in together.findings if one.rule.id == "STO-02"] == [
        (Verdict.UNKNOWN, False)
    ]


def test_a_secret_is_shown_to_nobody_whatever_the_engine_sends() -> None:
    sign = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}

    found = values.properties({"minimumTlsVersion": sign, "sku": {"name": sign}, "size": 3.0, "gone": None}, {})

    assert found == {"minimumTlsVersion": SECRET, "sku": {"name": SECRET}, "size": 3}
    assert "hunter2" not in "".join(
        messages.message(one)
        for one in Pack(rules=RULES, today=clock.today()).stack([account({"minimumTlsVersion": sign})]).findings
    )


def test_an_unknown_value_names_what_determines_its_property() -> None:
    sign = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

    assert values.properties({"keys": [sign]}, {"keys": (URN,)}) == {"keys": [Unknown(of=(URN,))]}


@pytest.mark.parametrize("rule", [pytest.param(one, id=one.id) for one in RULES.values() if one.remediation])
def test_a_remediation_makes_a_resource_pass_and_touches_nothing_that_passes(rule: ResourceRule) -> None:
    pack = Pack(rules=RULES, today=clock.today())
    for example in (*rule.failing, *rule.passing):
        for resource in plain.resources(example.resources, environment="prod"):
            changes = pack.changes(rule, resource)
            after = replace(resource, properties=values.with_changes(resource.properties, changes))
            judged = checking.ask(rule, after, Facts(graph=Graph([after]), settings=rule.defaults))
            assert bool(changes) == (example in rule.failing)
            assert [one.verdict for one in judged] == [Verdict.PASS]


def test_a_message_is_read_as_it_was_written_and_no_other_packs() -> None:
    outcome = failed("a b: c.d", "x; expected y", "TLS1_2 or newer")
    about = Key(urn=URN, type=ACCOUNT, name="store", environment="prod")
    found = Finding(rule=RULES["STO-02"], outcome=outcome, level=Level.ADVISE, about=about, exemption=EXEMPTION)

    assert messages.read(messages.message(found)) == messages.Said(outcome=outcome, exempted=True)
    assert messages.read("S3 buckets are private\nthis one is not") is None


def test_a_rule_about_one_resource_looks_at_no_other() -> None:
    """The engine asks it before the others are there."""
    for case in all_cases():
        if isinstance(case.rule, ResourceRule) and case.rule.scope == "resource" and len(case.example.resources) > 1:
            graph = Graph(plain.resources(case.example.resources, environment=case.example.environment))
            target = next(one for one in graph.of(*case.rule.types) if case.example.about in ("", one.name))
            facts = Facts(graph=Graph([target]), settings={**case.rule.defaults, **case.example.settings})
            alone = [one.verdict for one in checking.ask(case.rule, target, facts)]
            assert Verdict.UNKNOWN in alone or examples.outcome(case.rule, case.example).verdict in alone, case.id


def test_no_file_of_the_pack_hides_one_that_python_starts_with() -> None:
    """The engine starts the pack in its own folder, which Python then looks into first."""
    names = {path.stem for path in Path(groundplan.policies.__file__).parent.iterdir()}

    assert names & sys.stdlib_module_names <= {"resource"}


def test_the_engine_is_told_to_start_the_pack_with_python_whatever_lock_files_lie_above() -> None:
    """Unasked, the official host takes uv or poetry where a folder above has their lock file, as this project has."""
    content = yaml.safe_load((Path(groundplan.policies.__file__).parent / "PulumiPolicy.yaml").read_text("utf-8"))

    assert content["runtime"] == {"name": "python", "options": {"toolchain": "pip"}}
