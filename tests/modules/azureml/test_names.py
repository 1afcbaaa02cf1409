"""Names at Azure: deterministic, within Azure's rules, different where two would meet.

Not proved: that nobody else in the world has taken a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from groundplan.modules.azureml import names, vaults
from groundplan.modules.contract.context import Account, Context
from groundplan.stacks.config.section import NAME_PATTERN, PROJECT_PATTERN
from hypothesis import given
from hypothesis import strategies as st

import azure_stack


def _contexts() -> st.SearchStrategy[Context]:
    def context(project: str, environment: str, subscription: str) -> Context:
        return Context(
            project=project, environment=environment, tier="development", region="westeurope",
            account=Account(subscription=subscription), tags={},
        )  # fmt: skip

    projects = st.from_regex(PROJECT_PATTERN, fullmatch=True).filter(lambda text: 2 <= len(text) <= 32)
    environments = st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda text: 1 <= len(text) <= 40)
    return st.builds(context, projects, environments, st.uuids().map(str))


def logs_name(context: Context) -> str:
    return names.within(context, "log", 63)


def identity_name(context: Context) -> str:
    return names.within(context, "id", 128, "workspace")


Name = Callable[[Context], str]
FORMS: list[tuple[Name, str]] = [
    (names.group, r"[-\w.()]{0,89}[-\w()]"),
    (names.account_name, r"[a-z0-9]{3,24}"),
    (vaults.workspace_vault_name, r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"),
    (vaults.key_vault_name, r"(?!.*--)[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]"),
    (names.workspace_name, r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}"),
    (logs_name, r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]"),
    (identity_name, r"[A-Za-z0-9][\w-]{2,127}"),
]


@pytest.mark.parametrize(("name", "form"), FORMS)
@given(context=_contexts())
def test_every_project_and_environment_gets_a_name_that_azure_takes(name: Name, form: str, context: Context) -> None:
    assert re.fullmatch(form, name(context))


@given(first=_contexts(), second=_contexts())
def test_two_stacks_never_share_a_name_that_is_taken_once_in_the_world(first: Context, second: Context) -> None:
    alike = first == second
    assert (names.account_name(first) == names.account_name(second)) is alike
    assert (vaults.workspace_vault_name(first) == vaults.workspace_vault_name(second)) is alike


def test_names_say_project_and_environment() -> None:
    context = azure_stack.context()
    assert names.group(context) == "rg-churn-dev-westeurope"
    assert names.workspace_name(context) == "mlw-churn-dev"
    assert names.account_name(context).startswith("stchurndev")
    assert vaults.workspace_vault_name(context).startswith("kv-churn-dev-")


def test_environments_that_differ_only_in_an_underscore_have_different_groups() -> None:
    assert names.group(azure_stack.context("a-b")) != names.group(azure_stack.context("a_b"))


def test_a_name_that_is_cut_keeps_what_tells_it_from_another() -> None:
    context = azure_stack.context("e" * 40)
    assert names.workspace_name(context) != names.workspace_name(azure_stack.context("e" * 39))
    assert len(names.workspace_name(context)) == 33


def test_ids_follow_from_names() -> None:
    context = azure_stack.context()
    assert names.resource_id(context, "Microsoft.KeyVault/vaults/keys", "kv-1", "key-1") == (
        f"/subscriptions/{azure_stack.SUBSCRIPTION}/resourceGroups/rg-churn-dev-westeurope"
        "/providers/Microsoft.KeyVault/vaults/kv-1/keys/key-1"
    )


def test_a_guid_stays_and_belongs_to_one_stack() -> None:
    dev, prod = azure_stack.context(), azure_stack.context("prod")
    assert names.guid(dev, "role") == "06a058f8-bdbf-5406-a492-508f5f9b27e0"
    assert names.guid(dev, "role") != names.guid(prod, "role")
