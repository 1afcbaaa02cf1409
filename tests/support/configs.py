"""Configs of the clouds drawn by Hypothesis from the config's own schema; what a schema cannot say is drawn here."""

from __future__ import annotations

import re
from typing import Any

from groundplan.stacks.config.schema import json_schema
from hypothesis import strategies as st

SCHEMA = json_schema()

REGIONS = {"azureml": ("westeurope", "swedencentral", "eastus2"), "vertex": ("europe-west4", "us-central1")}
ACCOUNTS: dict[str, dict[str, str]] = {
    "azureml": {
        "subscription": "00000000-0000-4000-8000-000000000001",
        "tenant": "00000000-0000-4000-8000-0000000000aa",
    },
    "vertex": {
        "project": "acme-churn",
        "number": "123456789012",
        "billing_account": "0A0A0A-1B1B1B-2C2C2C",
        "organization": "987654321098",
    },
}
PRINCIPALS = {
    "azureml": ("group:22222222-0000-4000-8000-000000000001", "user:22222222-0000-4000-8000-000000000002"),
    "vertex": ("group:team@example.com", "user:person@example.com", "service:app@acme-churn.iam.gserviceaccount.com"),
}
ROLES = (
    "business-stakeholder", "solution-architect", "data-scientist", "data-engineer",
    "software-engineer", "devops-engineer", "ml-engineer",
)  # fmt: skip
ENVIRONMENTS = ("dev", "staging", "prod")
MODELS: dict[str, dict[str, Any]] = {"churn": {}}
TOLD = {"contacts": ["oncall@example.com"]}
FOREIGN = {"azureml": ("shared_pool",), "vertex": ()}
"""Keys of an endpoint that only the other cloud knows."""
PINNED = {
    "azureml": "azureml://registries/mlr-churn/models/churn/versions/3",
    "vertex": "projects/acme-churn/locations/europe-west4/models/churn@3",
}


def section(name: str, *, without: tuple[str, ...] = (), **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A section from its schema; keys ``without`` stay unsaid, ``fixed`` ones are drawn as given."""
    schema: dict[str, Any] = SCHEMA["$defs"][name]
    drawn = {
        key: from_schema(value)
        for key, value in schema["properties"].items()
        if key not in {*without, *fixed} and value.get("type") != "object" and "$ref" not in value
    } | fixed
    required = {key: drawn.pop(key) for key in schema.get("required", ()) if key in drawn}
    return st.fixed_dictionaries(required, optional=drawn)


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A value that the schema of a leaf allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of(*(from_schema(one) for one in schema["anyOf"] if one.get("type") != "null"))
    if "pattern" in schema:
        pattern = re.compile(schema["pattern"], re.ASCII)
        limits = range(schema.get("minLength", 0), schema.get("maxLength", 200) + 1)
        return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) in limits and text == text.strip())
    kind, low, high = schema["type"], schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if kind == "array":
        return st.lists(from_schema(schema["items"]), max_size=3)
    if kind == "integer":
        return st.integers(low, high)
    if kind == "number":
        smallest = low if low is not None else above
        largest = next((one for one in (high, below) if one is not None), 1e6)
        return st.floats(
            smallest, largest, exclude_min=above is not None, exclude_max=below is not None, allow_subnormal=False
        )
    return {"boolean": st.booleans(), "string": st.text(st.characters(codec="ascii", categories=["L"]), min_size=1)}[
        kind
    ]


def computes() -> st.SearchStrategy[dict[str, Any]]:
    """Clusters by name; ``default`` is always there."""
    one = section(
        "Compute", without=("size", "owner", "type", "min_nodes"), min_nodes=st.just(0), max_nodes=st.integers(1, 20)
    )
    return st.fixed_dictionaries({"default": one}, optional={"wide": one, "gpu-train": one})


def endpoints(platform: str) -> st.SearchStrategy[dict[str, Any]]:
    """Endpoints of the one model, some with a version of it that the config pins."""
    said = ["model", "host", "port", "api_key", "allowed_hosts", "size", "image", "compute", "schedule"]
    few = {"min_instances": st.just(1), "max_instances": st.integers(1, 9), "model": st.just("churn")}
    few |= {"request_timeout": st.sampled_from(["5s", "60s", "3m"])}  # Azure waits three minutes at most
    few |= {"redact": st.just(list[str]())}  # a cloud logs requests whole, and a config that would not is refused
    one = section("Endpoint", without=(*said, *FOREIGN[platform]), **few, pinned=st.just({"uri": PINNED[platform]}))
    return st.fixed_dictionaries({"churn": one}, optional={"nightly": one, "partner": one})


def features() -> st.SearchStrategy[dict[str, Any]]:
    """Feature sets on the config's data source, all of one entity and so with the same keys."""
    columns = st.lists(st.sampled_from(["customer_id", "region_code", "tenure", "spend"]), min_size=1, unique=True)
    return columns.flatmap(_features_by)


def _features_by(keys: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    one = st.just({"source": "main", "entity": "customer", "keys": keys})
    return st.fixed_dictionaries(
        {"sets": st.dictionaries(st.sampled_from(["profile", "usage"]), one)}, optional={"online": st.booleans()}
    )


def networks(platform: str) -> st.SearchStrategy[dict[str, Any]]:
    """Public, or private with hosts that may be reached."""
    hosts = st.lists(st.sampled_from(["pypi.org", "files.pythonhosted.org", "example.com"]), unique=True)
    private: dict[str, st.SearchStrategy[Any]] = {"allowed_outbound": hosts}
    if platform == "vertex":
        private["connection"] = st.sampled_from(["psc", "peering"])
    closed = st.fixed_dictionaries({"access": st.just("private")}, optional=private)
    return st.one_of(st.just({"access": "public"}), closed)


@st.composite
def places(draw: st.DrawFn, platform: str) -> dict[str, Any]:
    """The environments, each with a range of addresses of its own where there are ranges; and the network of all."""
    names = ENVIRONMENTS[-draw(st.integers(1, 3)) :]
    network = draw(networks(platform))
    if network["access"] == "public" or not draw(st.booleans()):
        return {"network": network, "environments": dict.fromkeys(names)}
    hub = {"hub": "10.39.0.0/20"} if draw(st.booleans()) else {}
    spaces = {name: {"network": {"address_space": f"10.4{place}.0.0/16"}} for place, name in enumerate(names)}
    return {"network": network | hub, "environments": spaces}


def configs(platform: str) -> st.SearchStrategy[dict[str, Any]]:
    """A config of a cloud, as its YAML would read."""
    people = st.lists(st.sampled_from(PRINCIPALS[platform]), min_size=1, unique=True)
    budget = section(
        "Budget", without=("contacts", "notify_at", "currency", "start"), amount=st.integers(1, 10_000)
    ).map(lambda drawn: drawn | TOLD | ({"start": "2026-12-01"} if platform == "azureml" else {}))
    drift = section("Monitoring", without=("alerts", "managed", "window")).map(
        lambda drawn: drawn | {"alerts": TOLD["contacts"]}
    )
    plain: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {
            "project": st.sampled_from(["churn", "a2", "a-project-name-of-thirty-two-chr"]),
            "platform": st.just(platform),
            "region": st.sampled_from(REGIONS[platform]),
            "account": st.just(ACCOUNTS[platform]),
            "models": st.just(MODELS),
        },
        optional={
            "governance": section("Governance", without=("tags", "assessments", "inventory")),
            "team": st.dictionaries(st.sampled_from(ROLES), people, max_size=4),
            "encryption": section("Encryption", without=("key", "vault", "region", "rotation")),
            "compute": computes(),
            "endpoints": endpoints(platform),
            "features": features(),
            "monitoring": drift,
            "budget": budget,
            "registry": st.fixed_dictionaries({"shared": st.booleans()}),
            "identity": st.just({"federation": {"provider": "github", "repository": "acme/churn"}}),
        },
    )
    return st.tuples(plain, places(platform)).map(lambda drawn: drawn[0] | drawn[1])
