"""Everything that is wrong with a config is found by one plan, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning.planning import plans

import cloud_configs

EVERY_KIND = """\
project: churn
platform: azureml
region: westeurop
account: {subscription: 00000000-0000-4000-8000-000000000001, tenant: 00000000-0000-4000-8000-0000000000aa}
network: {access: public, hub: 10.10.0.0/20, address_space: 10.10.0.0/16}
encryption:
  key: https://kv-a.vault.azure.net/keys/k1
  vault: /subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/a/providers/Microsoft.KeyVault/vaults/kv-a
  region: northeurope
team:
  ml-engineer: []
  data-scientist: ["group:team@example.com"]
compute:
  gpu: {size: Standard_NC4as_T4, kind: gpu}
  a-name-that-is-too-long: {}
  a-b: {}
  a_b: {}
endpoints:
  churn: {model: chrn}
budget: {amount: 0}
overrides:
  workspace-workspace: {description: "${env:NOT_SET_HERE}"}
environments:
  dev: {network: {address_space: 10.10.128.0/17}}
  prod: {promotes_to: prod}
"""

REFUSED_BY_COMPONENTS = """\
compute:
  desk: {type: workstation, owner: "user:22222222-0000-4000-8000-000000000002", idle: 5m}
  shared-desk: {type: workstation, owner: "group:22222222-0000-4000-8000-000000000002"}
features:
  sets:
    profile: {source: main, entity: customer, keys: [id]}
    usage: {source: main, entity: customer, keys: [number]}
budget: {amount: 3, start: "2027-01-01", contacts: [a@example.com], notify_at: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]}
pipelines:
  train:
    steps:
      prepare:
        command: "python prepare.py ${{x}} {outputs.test}"
        outputs: {test: dataset}
      train:
        command: "python train.py ${{x}} {outputs.model}"
        outputs: {model: model}
  on-desk:
    steps:
      score: {command: python score.py, compute: desk}
models: {churn: {}}
"""


def found(folder: Path, text: str, *stacks: str) -> list[tuple[str, str]]:
    """Line and message of everything that a plan complains of."""
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        plans(read_stacks(folder), stacks)
    return [(one.where.rpartition("groundplan.yaml:")[2], one.message) for one in caught.value.problems]


def test_all_kinds_of_bad_input_come_at_once_each_at_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    group = "team.data-scientist: the group"

    assert found(tmp_path, EVERY_KIND, "dev") == [
        ("3:9", "'westeurop' is not a region of azureml"),
        ("5:27", "network.access is public, and network.hub asks for a private network"),
        ("5:46", "network.access is public, and network.address_space asks for a private network (environment prod)"),
        ("5:61", "10.10.0.0/16 of environment prod meets 10.10.128.0/17 of environment dev"),
        ("5:61", "10.10.0.0/16 of environment prod meets 10.10.0.0/20 of the hub"),
        ("9:11", "the key is in northeurope, and what it is to encrypt is in westeurop"),
        ("11:3", "team.ml-engineer has no principals"),
        ("12:20", f"{group} 'team@example.com' is given as an e-mail address; Azure needs the object id"),
        ("14:15", "'Standard_NC4as_T4' is not a machine size of azureml"),
        ("15:3", "the cluster's name 'a-name-that-is-too-long' has 23 characters; at Azure there is room for 18"),
        ("17:3", "'a-b' and 'a_b' become the same name at the cloud"),
        ("19:18", "endpoint 'churn' serves the model 'chrn', which is not there"),
        ("20:18", "budget.amount: expected more than 0; got 0"),
        ("22:38", "${env:NOT_SET_HERE}: the environment variable NOT_SET_HERE is not set"),
        ("24:19", "network.access is public, and network.address_space asks for a private network (environment dev)"),
        ("25:10", "the environment 'prod' promotes to itself"),
    ]  # fmt: skip


def test_what_several_components_refuse_comes_at_once(tmp_path: Path) -> None:
    keys = "the feature set 'usage' names other keys of the entity 'customer'"
    taken = "which Azure ML would take for a placeholder of its own"

    assert found(tmp_path, cloud_configs.AZURE + REFUSED_BY_COMPONENTS, "dev") == [
        ("6:16", "the workstation 'desk' cannot stop after 300 seconds of idleness"),
        ("7:23", "the workstation 'shared-desk' needs a person as its owner"),
        ("10:23", f"{keys} than another set does: number and id"),
        ("12:18", "budget.notify_at has 6 shares, and Azure takes 5"),
        ("17:18", f"the command of step 'prepare' holds '${{{{', {taken}"),
        ("17:18", f"the command of step 'train' holds '${{{{', {taken}"),
    ]  # fmt: skip


def test_a_component_that_names_a_key_is_told_with_the_line_of_the_key(tmp_path: Path) -> None:
    people = ", ".join(f"{name}@example.com" for name in "abcdef")
    account = 'account: {project: acme-churn, number: "123456789012", billing_account: 0A0A0A-1B1B1B-2C2C2C}'
    lines = cloud_configs.GOOGLE.replace("account: {project: acme-churn}", account)

    assert found(tmp_path, f"{lines}budget: {{amount: 3, contacts: [{people}]}}\n", "dev") == [
        ("5:31", "the budget names 6 contacts; Google Cloud tells 5 at most")
    ]


def test_an_unset_secret_hides_neither_a_wrong_override_nor_one_of_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    overrides = (
        "overrides:\n  workspace-workspace: {description: '${env:NOT_SET_HERE}', kinds: Default}\n"
        "  workspace-vualt: {location: here}\nenvironments: {dev: , prod: }\n"
    )

    assert found(tmp_path, cloud_configs.AZURE + overrides, "dev") == [
        ("6:38", "${env:NOT_SET_HERE}: the environment variable NOT_SET_HERE is not set"),
        ("6:68", "workspace-workspace (azure-native:machinelearningservices:Workspace): there is no property 'kinds'"),
        ("7:31", "overrides.workspace-vualt: no stack has a resource 'workspace-vualt'"),
    ]
