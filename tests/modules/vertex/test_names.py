"""Names at Google Cloud: always the same, never too long, never taken twice by two stacks.

Not proved: that nobody else has taken a bucket's name.
"""

from __future__ import annotations

import re
from dataclasses import replace

from groundplan.modules.contract.context import Account, Context
from groundplan.modules.vertex import names
from groundplan.modules.vertex.labels import labels
from hypothesis import given
from hypothesis import strategies as st

import google_stack

PROJECTS = st.from_regex(r"[a-z](-?[a-z0-9]){1,15}", fullmatch=True).filter(lambda name: len(name) <= 32)
ENVIRONMENTS = st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,19}", fullmatch=True)


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    return Context(
        project=draw(PROJECTS),
        environment=draw(ENVIRONMENTS),
        tier="development",
        region=draw(st.sampled_from(["europe-west4", "us-central1"])),
        account=Account(project=draw(st.from_regex(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", fullmatch=True))),
        tags=draw(st.dictionaries(st.text(max_size=80), st.text(max_size=200), max_size=4)),
    )


def test_names_follow_from_project_and_environment() -> None:
    context = google_stack.context("prod")

    assert {
        "account": names.service_account(context, "pipeline"),
        "address": names.service_account_email(context, "pipeline"),
        "role": names.custom_role_path(context, "deployer"),
        "dataset": names.features_dataset(context),
        "network": names.network(context),
        "pool": names.identity_pool(context),
        "logs": names.log_bucket(context),
        "root": names.pipeline_root(context),
    } == {
        "account": "churn-prod-pipeline",
        "address": "churn-prod-pipeline@acme-churn.iam.gserviceaccount.com",
        "role": "projects/acme-churn/roles/churn_prod_deployer",
        "dataset": "churn_prod_features",
        "network": "churn-prod",
        "pool": "churn-prod-ci",
        "logs": "churn-prod",
        "root": "gs://churn-prod-artifacts-297fc328/runs",
    }


@given(contexts())
def test_every_name_has_the_form_that_google_asks_for(context: Context) -> None:
    forms = {
        names.service_account(context, "workspace"): r"[a-z][-a-z0-9]{4,28}[a-z0-9]",
        names.artifacts_bucket(context): r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        names.data_bucket(context): r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        names.network(context): r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?",
        names.identity_pool(context): r"[a-z0-9-]{4,32}",
        names.custom_role(context, "endpoint_invoker"): r"[a-zA-Z0-9_.]{3,64}",
        names.features_dataset(context): r"\w{1,1024}",
        names.log_bucket(context): r"[a-z0-9-]{1,100}",
        names.key_ring(context): r"[a-zA-Z0-9_-]{1,63}",
    }

    assert [name for name, form in forms.items() if not re.fullmatch(form, name)] == []


def test_a_name_that_is_cut_keeps_two_stacks_apart() -> None:
    long = replace(google_stack.context(), project="customer-churn-of-a-whole-region")
    one, other = (names.service_account(replace(long, environment=name), "pipeline") for name in ("dev-a", "dev-b"))

    assert (one, other) == ("customer-churn-of-a-w-9020213c", "customer-churn-of-a-w-85f8bd54")


def test_a_buckets_name_tells_accounts_and_regions_apart() -> None:
    context = google_stack.context()
    elsewhere = replace(context, account=Account(project="other-churn"))
    abroad = replace(context, region="us-central1")

    assert len({names.data_bucket(one) for one in (context, elsewhere, abroad)}) == 3


@given(contexts())
def test_labels_have_the_form_that_google_asks_for(context: Context) -> None:
    for key, value in labels(context, purpose="data").items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key)
        assert re.fullmatch(r"[a-z0-9_-]{0,63}", value)


def test_labels_say_what_the_tags_say() -> None:
    assert labels(google_stack.context()) == google_stack.LABELS
