"""Holds planned Google resources against Google's own descriptions: the provider's schema, the API's discovery files.

The provider's schema is read where it lies beside the project, Google's discovery documents from a package of the
development dependencies. Not proved: what neither says (quotas, names that are taken, what a service agent may do),
and the inner values of the types that both leave out, whose form the SDK's own types are asked for.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import pytest
from googleapiclient import discovery_cache  # pyright: ignore[reportMissingTypeStubs] it has none
from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown
from groundplan.stacks.planning.validation import shape

_SPECS = Path(__file__).parents[3] / "shared" / "specs"

Json = Mapping[str, Any]

_VERTEX = "GoogleCloudAiplatformV1"

DISCOVERED: Mapping[str, tuple[str, str, str]] = {
    "gcp:vertex/aiEndpoint:AiEndpoint": ("aiplatform", "v1", f"{_VERTEX}Endpoint"),
    "gcp:vertex/aiMetadataStore:AiMetadataStore": ("aiplatform", "v1", f"{_VERTEX}MetadataStore"),
    "gcp:vertex/aiTensorboard:AiTensorboard": ("aiplatform", "v1", f"{_VERTEX}Tensorboard"),
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": ("aiplatform", "v1", f"{_VERTEX}FeatureGroup"),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": ("aiplatform", "v1", f"{_VERTEX}Feature"),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": ("aiplatform", "v1", f"{_VERTEX}FeatureOnlineStore"),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": (
        "aiplatform",
        "v1",
        f"{_VERTEX}FeatureView",
    ),
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": (
        "aiplatform",
        "v1",
        f"{_VERTEX}DeploymentResourcePool",
    ),
    "gcp:vertex/aiPersistentResource:AiPersistentResource": ("aiplatform", "v1", f"{_VERTEX}PersistentResource"),
    "gcp:colab/schedule:Schedule": ("aiplatform", "v1", f"{_VERTEX}Schedule"),
    "gcp:colab/runtimeTemplate:RuntimeTemplate": ("aiplatform", "v1", f"{_VERTEX}NotebookRuntimeTemplate"),
    "gcp:compute/subnetwork:Subnetwork": ("compute", "v1", "Subnetwork"),
    "gcp:compute/networkAttachment:NetworkAttachment": ("compute", "v1", "NetworkAttachment"),
    "gcp:compute/networkFirewallPolicyRule:NetworkFirewallPolicyRule": ("compute", "v1", "FirewallPolicyRule"),
    "gcp:compute/globalAddress:GlobalAddress": ("compute", "v1", "Address"),
    "gcp:compute/route:Route": ("compute", "v1", "Route"),
    "gcp:compute/routerNat:RouterNat": ("compute", "v1", "RouterNat"),
    "gcp:kms/cryptoKey:CryptoKey": ("cloudkms", "v1", "CryptoKey"),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": ("logging", "v2", "LogBucket"),
    "gcp:accesscontextmanager/servicePerimeter:ServicePerimeter": ("accesscontextmanager", "v1", "ServicePerimeter"),
    "gcp:bigquery/dataset:Dataset": ("bigquery", "v2", "Dataset"),
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": ("iam", "v1", "WorkloadIdentityPoolProvider"),
    "gcp:projects/iAMCustomRole:IAMCustomRole": ("iam", "v1", "Role"),
    "gcp:serviceaccount/account:Account": ("iam", "v1", "ServiceAccount"),
}
"""By type token the schema of Google's API that a resource is sent as: service, version, schema."""


def problems(resources: Sequence[PlannedResource]) -> list[str]:
    """What Google's descriptions or the SDK's types do not allow, as ``name: path: what``."""
    found: list[str] = []
    for one in resources:
        if not one.component and one.type.startswith("gcp:"):
            checks = (_by_sdk(one), _by_provider(one), _by_api(one))
            found += [f"{one.name}: {problem}" for check in checks for problem in check]
    return found


def undescribed(resources: Sequence[PlannedResource]) -> set[str]:
    """The types of a plan for which only the SDK's own types are asked."""
    of_provider = set(_provider_schemas())
    return {
        one.type
        for one in resources
        if one.type.startswith("gcp:") and one.type not in of_provider and one.type not in DISCOVERED
    }


def _by_sdk(one: PlannedResource) -> Iterator[str]:
    _, path, name = one.type.split(":")
    resource = getattr(importlib.import_module(f"pulumi_gcp.{path.partition('/')[0]}"), name)
    for finding in shape.findings(resource, cast("Mapping[str, object]", _without_secrets(one.properties))):
        yield f"{'.'.join(map(str, finding.path))}: {finding.message}"


def _without_secrets(value: object) -> object:
    """Secrets as unknown values, which the types say nothing about either."""
    if isinstance(value, Mapping):
        return {key: _without_secrets(inner) for key, inner in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in cast("list[object]", value)]
    return Unknown() if isinstance(value, Secret) else value


@cache
def _provider_schemas() -> Mapping[str, Json]:
    """By type token the provider's schema; skips the test where it does not lie beside the project."""
    schemas, tokens = _SPECS / "tf_google_schema.json", _SPECS / "gcp_tf_to_pulumi_tokens.json"
    if not schemas.exists() or not tokens.exists():
        pytest.skip("the schema of Google's provider does not lie beside the project")
    by_name = cast("Mapping[str, str]", json.loads(tokens.read_text(encoding="utf-8")))
    described = cast("Mapping[str, Json]", json.loads(schemas.read_text(encoding="utf-8")))
    return {by_name[name]: schema for name, schema in described.items()}


def _by_provider(one: PlannedResource) -> Iterator[str]:
    schema = _provider_schemas().get(one.type)
    if schema is not None:
        yield from _fields(schema, one.properties, "")


def _fields(schema: Json, value: Mapping[str, object], path: str) -> Iterator[str]:
    known = {_input_name(name, field): (name, field) for name, field in schema.items()}
    for key, inner in value.items():
        if key not in known:
            yield f"{path}{key}: is unknown to the provider"
        else:
            yield from _field(known[key][1], inner, f"{path}{key}")
    given = {known[key][0] for key in value if key in known}
    for key, (name, field) in known.items():
        if field.get("required") and name not in given:
            yield f"{path}{key}: is missing"
        excluded = [other for other in field.get("conflictsWith", ()) if other in given]
        if name in given and excluded:
            yield f"{path}{key}: excludes {excluded}"
        group = field.get("exactlyOneOf")
        if group and "." not in "".join(group) and len(given & set(group)) != 1:
            yield f"{path}{key}: exactly one of {group} is needed"


def _field(field: Json, value: object, path: str) -> Iterator[str]:
    if _hidden(value) or field.get("opaque"):
        return
    if field.get("computed") and not field.get("optional"):
        yield f"{path}: only the cloud says it"
        return
    if field["type"] in ("List", "Set"):
        yield from _entries(field, value, path)
    elif field["type"] == "Map":
        if not isinstance(value, Mapping):
            yield f"{path}: {value!r} is not a mapping"
    else:
        yield from _scalar(field, value, path)


def _entries(field: Json, value: object, path: str) -> Iterator[str]:
    if field.get("maxItems") == 1 and not isinstance(value, list):
        value = [value]
    if not isinstance(value, list):
        yield f"{path}: {value!r} is not a list"
        return
    entries = cast("list[object]", value)
    if len(entries) < field.get("minItems", 0):
        yield f"{path}: has fewer than {field['minItems']} entries"
    for position, entry in enumerate(entries):
        place = f"{path}[{position}]"
        if isinstance(field.get("elem"), dict) and not _hidden(entry):
            if isinstance(entry, Mapping):
                yield from _fields(field["elem"], cast("Mapping[str, object]", entry), f"{place}.")
            else:
                yield f"{place}: {entry!r} is not an object"
        elif field.get("elemType") == "String" and not isinstance(entry, str | Unknown | Secret):
            yield f"{place}: {entry!r} is not text"


def _scalar(field: Json, value: object, path: str) -> Iterator[str]:
    expected: dict[str, tuple[type, ...]] = {"String": (str,), "Bool": (bool,), "Int": (int,), "Float": (int, float)}
    if not isinstance(value, expected[field["type"]]) or (field["type"] == "Int" and isinstance(value, bool)):
        yield f"{path}: {value!r} is not of {field['type']}"
        return
    if "enum" in field and value not in field["enum"]:
        yield f"{path}: {value!r} is none of {field['enum']}"
    if isinstance(value, str):
        if not field.get("minLength", 0) <= len(value) <= field.get("maxLength", len(value)):
            yield f"{path}: {value!r} is too short or too long"
        check = _VALIDATIONS.get(field.get("validate", ""))
        if check is not None and not check(value):
            yield f"{path}: {value!r} does not pass {field['validate']}"
    elif isinstance(value, int) and not field.get("min", value) <= value <= field.get("max", value):
        yield f"{path}: {value!r} is not within {field.get('min')} and {field.get('max')}"


def _form(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _is_network(value: str) -> bool:
    try:
        return str(IPv4Network(value)) == value
    except ValueError:
        return False


_VALIDATIONS: Mapping[str, Callable[[str], bool]] = {
    "ValidateWorkloadIdentityPoolId": _form(r"(?!gcp-)[a-z0-9-]{4,32}"),
    "ValidateWorkloadIdentityPoolProviderId": _form(r"(?!gcp-)[a-z0-9-]{4,32}"),
    "validateProjectServiceService": _form(r"[a-z0-9-]+\.googleapis\.com"),
    "validation.StringIsJSON": _is_json,
    "validateDatasetId": _form(r"\w{1,1024}"),
    "verify.ValidateIAMCustomRoleID": _form(r"[a-zA-Z0-9_.]{3,64}"),
    "verify.ValidateIpCidrRange": _is_network,
    "validation.StringIsNotEmpty": bool,
    "verify.ValidateGCEName": _form(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
    "verify.ValidateRFC1035Name(6, 30)": _form(r"[a-z][-a-z0-9]{4,28}[a-z0-9]"),
    "verify.OrEmpty(validateKmsCryptoKeyRotationPeriod)": lambda value: float(value.removesuffix("s")) >= 86400,
}
"""The provider's own checks by their names in its source."""


def _input_name(name: str, field: Json) -> str:
    """A field as Pulumi calls it: in camelCase, in the plural for a list, unless the list has one entry at most."""
    first, *rest = name.split("_")
    camel = first + "".join(part.capitalize() for part in rest)
    if field.get("type") not in ("List", "Set") or field.get("maxItems") == 1 or camel.endswith("s"):
        return camel
    if camel.endswith("y") and camel[-2] not in "aeiou":
        return f"{camel[:-1]}ies"
    return f"{camel}es" if camel.endswith(("x", "ch", "sh")) else f"{camel}s"


@cache
def _schemas(service: str, version: str) -> Mapping[str, Json]:
    """The schemas of a service's discovery document."""
    document = cast("Any", discovery_cache).get_static_doc(service, version)
    assert document is not None, f"no discovery document of {service} {version}"
    return cast("Mapping[str, Json]", json.loads(document)["schemas"])


def _by_api(one: PlannedResource) -> Iterator[str]:
    if one.type in DISCOVERED:
        service, version, name = DISCOVERED[one.type]
        schemas = _schemas(service, version)
        yield from _described(schemas, schemas[name], one.properties, "")


def _described(schemas: Mapping[str, Json], schema: Json, value: object, path: str) -> Iterator[str]:
    """What Google's API would not take; properties that only the provider has are left to its own schema."""
    if _hidden(value):
        return
    if "$ref" in schema:
        yield from _described(schemas, schemas[schema["$ref"]], value, path)
    elif schema.get("type") == "object" and isinstance(value, Mapping):
        fields = cast("Mapping[str, Json]", schema.get("properties", {}))
        for key, inner in cast("Mapping[str, object]", value).items():
            if key in fields:
                yield from _described(schemas, fields[key], inner, f"{path}{'.' if path else ''}{key}")
    elif schema.get("type") == "array" and isinstance(value, list):
        for position, inner in enumerate(cast("list[object]", value)):
            yield from _described(schemas, schema["items"], inner, f"{path}[{position}]")
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{path}: {value!r} is none of Google's {schema['enum']}"
    elif schema.get("type") == "boolean" and not isinstance(value, bool):
        yield f"{path}: {value!r} is not true or false"


def _hidden(value: object) -> bool:
    """Whether nothing is known of a value: unknown, secret, or a stand-in such as ``<network-vpc.id>``."""
    return isinstance(value, Unknown | Secret) or (
        isinstance(value, str) and re.fullmatch(r".*<[^<>]+>.*", value) is not None
    )
