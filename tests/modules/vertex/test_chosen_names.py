"""Names that a person chose: whole, in the form of their kind, and endpoints' numbers that do not collide by habit."""

from __future__ import annotations

import re
from dataclasses import replace

from groundplan.lifecycle.vertex import naming
from groundplan.modules.vertex import chosen_names
from hypothesis import given
from hypothesis import strategies as st

from vertex_parts import DEV

names = st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,38}", fullmatch=True)


@given(names)
def test_a_chosen_name_is_never_cut(chosen: str) -> None:
    assert chosen_names.hyphenated(DEV, chosen) == f"churn-dev-{chosen.replace('_', '-')}"
    assert chosen_names.underscored(DEV, chosen) == f"churn_dev_{chosen.replace('-', '_')}"


@given(names)
def test_an_endpoints_name_is_nine_digits_and_always_the_same(chosen: str) -> None:
    name = chosen_names.endpoint(DEV, chosen)

    assert re.fullmatch(r"[1-9][0-9]{8}", name)
    assert chosen_names.endpoint(replace(DEV, tags={}), chosen) == name


@given(names)
def test_a_model_has_the_id_under_which_the_lifecycle_registers_it(chosen: str) -> None:
    long = chosen * 3

    assert chosen_names.model(DEV, chosen) == naming.model_id("churn", chosen)
    assert chosen_names.model(DEV, long) == naming.model_id("churn", long)


def test_an_endpoints_name_differs_by_environment_region_and_project() -> None:
    others = [
        replace(DEV, environment="prod"), replace(DEV, region="us-central1"), replace(DEV, project="upsell"),
        replace(DEV, account=replace(DEV.account, project="other")), DEV,
    ]  # fmt: skip

    assert len({chosen_names.endpoint(one, "churn") for one in others}) == 5
    assert chosen_names.endpoint(DEV, "churn") == "128117553"
