"""Policy rules around and in the real engine: what is refused, when, and what a remediation changes.

That an official language host starts the pack is not proved: the engine here starts it through its runner of packs.
docs/adr/0016 says how it was tried.
"""

from __future__ import annotations

import json
import runpy
import subprocess
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.checking import pack
from groundplan.policies import catalogue
from groundplan.policies.pack import policy, settings
from groundplan.policies.settings import Settings
from groundplan.stacks.engine.pack import PolicyPack

import lenient_provider
import rule_program
import toy_cloud
from rule_program import SECRET_SIGN, SIGNATURE, UNKNOWN, Previewed
from stand_in import StandIn
from terminal import call

RULES = policy.rules_of(catalogue.ours().values())
ACCOUNT = "azure-native:storage:StorageAccount"
URN = f"urn:pulumi:prod::churn::{ACCOUNT}::store"


def typed(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    with toy_cloud.patched():
        return call(*words, cwd=root)


def document(root: Path, *words: str, code: int) -> dict[str, Any]:
    result = typed(root, *words, "--format", "json")
    assert (result.returncode, result.stderr) == (code, ""), result.stdout
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def ask(root: Path, levels: Mapping[str, str]) -> None:
    """Let the toy's config ask these rules and no other."""
    text = (root / "groundplan.yaml").read_text()
    (root / "groundplan.yaml").write_text(text + "  levels: " + json.dumps(levels) + "\n")


def test_what_the_plan_shows_is_refused_before_the_engine_starts(cloud: StandIn, root: Path) -> None:
    ask(root, {"STO-05": "enforce", "STO-02": "advise"})

    for words in (["up", "--yes"], ["up", "--dry-run"], ["preview"]):
        refused = document(root, *words, "-e", "dev", code=5)
        assert {(one["code"], one["where"], one["message"].partition(":")[0]) for one in refused["errors"]} == {
            ("POLICY", "groundplan.yaml:3:1", "STO-05 (high) one")
        }

    assert cloud.calls == []


def test_the_rules_are_left_out_only_aloud(cloud: StandIn, root: Path) -> None:
    ask(root, {"STO-05": "enforce"})

    unasked = document(root, "preview", "-e", "shared", "--no-policies", code=0)

    assert "the policy rules were not asked (--no-policies)" in unasked["warnings"]
    assert cloud.called("Create") == []


def test_what_only_the_engine_knows_is_refused_before_anything_is_made(cloud: StandIn, root: Path) -> None:
    toy_cloud.change(root, endpoint=True)
    ask(root, {"AML-01": "enforce", "AML-05": "advise", "STO-02": "advise"})

    refused = document(root, "up", "-e", "shared", "-e", "dev", "--yes", code=5)

    workspace = "urn:pulumi:dev::toy::azure-native:machinelearningservices:Workspace::workspace"
    assert [(one["code"], one["where"], one["message"].partition(":")[0]) for one in refused["errors"]] == [
        ("POLICY", workspace, "AML-01 (high) workspace")
    ]
    assert {text.partition(":")[0] for text in refused["warnings"] if text[:3] in ("AML", "STO", "the")} == {
        "the policy rules advise on 2 things",
        "AML-05 (medium) workspace",
    }
    assert cloud.called("Create") == ["group"]


@pytest.fixture(scope="module")
def previewing(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """The engine's environment with a provider that takes anything; a folder to work in."""
    folder = tmp_path_factory.mktemp("pack")
    with pytest.MonkeyPatch.context() as patch, lenient_provider.serving(["azure-native"]) as served:
        for name, value in StandIn(folder).environment(PULUMI_DEBUG_PROVIDERS=served).items():
            patch.setenv(name, value)
        yield folder


def preview(folder: Path, properties: Mapping[str, object], content: Mapping[str, object]) -> Previewed:
    """Preview one storage account with these rules alone."""
    path = folder / "settings.json"
    off = settings.written(Settings(packs=()), RULES.values())
    path.write_text(json.dumps({**off, **content}))
    entry = {"type": ACCOUNT, "name": "store", "properties": properties}
    return rule_program.preview(
        folder / "project", "churn", "prod", [entry], PolicyPack(folder=pack.FOLDER, settings=path)
    )


def inputs(previewed: Previewed) -> Mapping[str, Any]:
    steps = json.loads(previewed.json)["steps"]
    return next(step["newState"]["inputs"] for step in steps if step["urn"] == URN)


def test_a_remediation_is_made_only_where_it_is_asked_for_and_keeps_secrets(previewing: Path) -> None:
    secret = {SIGNATURE: SECRET_SIGN, "value": "hunter2"}
    properties = {"minimumTlsVersion": "TLS1_0", "tags": {"note": secret}, "sku": {"name": UNKNOWN}}

    mended = preview(previewing, properties, {"STO-02": {"enforcementLevel": "remediate"}})
    told = preview(previewing, properties, {"STO-02": {"enforcementLevel": "mandatory"}})

    assert inputs(mended) == {
        "minimumTlsVersion": "TLS1_2", "tags": {"note": "[secret]"}, "sku": {"name": UNKNOWN}
    }  # fmt: skip
    assert (mended.violations, mended.errors) == ((), ())
    assert [(one.policy, one.urn, one.mandatory) for one in told.violations] == [("STO-02", URN, True)]


def test_what_is_unknown_or_secret_is_told_as_an_advice_and_not_shown(previewing: Path) -> None:
    hidden = {SIGNATURE: SECRET_SIGN, "value": "hunter2"}
    content = {id: {"enforcementLevel": "mandatory"} for id in ("STO-02", "STO-11")}

    found = preview(previewing, {"minimumTlsVersion": hidden, "sku": {"name": UNKNOWN}}, content)

    assert {(one.policy, one.mandatory) for one in found.violations if "is unknown" in one.message} >= {
        ("STO-11", False)
    }
    assert "hunter2" not in "".join(one.message for one in found.violations) + found.json


def test_a_file_with_a_rule_that_there_is_not_stops_the_preview(cloud: StandIn, root: Path) -> None:
    path = root / "settings.json"
    path.write_text(json.dumps({"STO-002": {"enforcementLevel": "mandatory"}}))

    outcome = toy_cloud.driver(root).preview(
        "shared", toy_cloud.program(root, "shared"), pack=PolicyPack(folder=pack.FOLDER, settings=path)
    )

    assert outcome.error is not None
    assert "there is no rule 'STO-002' Did you mean 'STO-02'?" in outcome.error.message
    assert "Traceback" not in outcome.error.message
    assert cloud.called("Create") == []


def test_the_engine_is_told_all_that_a_policy_can_say_of_itself() -> None:
    analyzer = runpy.run_path(str(pack.FOLDER / "__main__.py"))["Analyzer"]()

    info = analyzer.GetAnalyzerInfo(None, None)

    told = {one.name: one for one in info.policies}["STO-12"]
    assert (info.name, info.supportsConfig, len(info.policies)) == ("groundplan", True, len(RULES) + 1)
    assert (told.displayName, told.severity, told.policy_type, told.enforcementLevel) == (
        "STO-12 Deleted blobs can be brought back", 2, 2, 0
    )  # fmt: skip
    assert (list(told.tags), told.url, bool(told.remediation_steps)) == (
        ["all", "baseline", "hardened"], "docs/policies.md#sto-12", True
    )  # fmt: skip
    assert (told.framework.reference, told.configSchema.properties["days"]["default"]) == (RULES["STO-12"].covers[0], 7)
