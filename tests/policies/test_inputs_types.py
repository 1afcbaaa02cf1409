"""Type tokens of azure-native 2 and 3 and of pulumi-gcp are one for each type. The SDK's own aliases are the proof."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
from groundplan.policies import tokens
from groundplan.policies.tokens import normalised

MOVED = {
    f"azure-native:{before}:{name}": f"azure-native:{now}:{name}"
    for now, (before, names) in tokens.MOVED.items()
    for name in names
} | {
    "azure-native:machinelearningservices:MachineLearningCompute": "azure-native:machinelearningservices:Compute",
    "azure-native:documentdb:DatabaseAccount": "azure-native:cosmosdb:DatabaseAccount",
    "azure-native:cache:Redis": "azure-native:redis:Redis",
    "azure-native:devices:IotHubResource": "azure-native:iothub:IotHubResource",
    "azure-native:insights:DiagnosticSetting": "azure-native:monitor:DiagnosticSetting",
}


@pytest.mark.parametrize(
    ("token", "type"),
    [
        ("azure-native:storage:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:storage/v20240101preview:StorageAccount", "azure-native:storage:StorageAccount"),
        ("azure-native:insights/v20200202:Component", "azure-native:applicationinsights:Component"),
        ("azure-native:insights/v20210501preview:DiagnosticSetting", "azure-native:monitor:DiagnosticSetting"),
        ("gcp:storage:Bucket", "gcp:storage/bucket:Bucket"),
        ("gcp:storage/bucket:Bucket", "gcp:storage/bucket:Bucket"),
        ("lab:store:Store", "lab:store:Store"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_type_has_one_name_however_it_is_written(token: str, type: str) -> None:
    assert normalised(token) == type


def test_what_moved_is_what_the_installed_sdk_calls_an_alias() -> None:
    unknown = [before for before, now in MOVED.items() if normalised(before) != now or before not in aliases(now)]

    assert unknown == []


def test_modules_that_were_renamed_are_gone_from_the_installed_sdk() -> None:
    assert [name for name in tokens.RENAMED if (sdk() / name).is_dir()] == []


def aliases(type: str) -> set[str]:
    """The types that the SDK's class of this type stands in for, without API versions."""
    _, module, name = type.split(":")
    file = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    text = (sdk() / module / f"{file}.py").read_text(encoding="utf-8")
    return {re.sub(r"/v\d{8}\w*:", ":", one) for one in re.findall(r'type_="([^"]+)"', text)}


def sdk() -> Path:
    found = importlib.util.find_spec("pulumi_azure_native")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent
