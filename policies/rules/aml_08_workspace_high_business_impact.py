"""A workspace with sensitive data says so, and its storage is closed.

What: where the data is confidential or restricted (the tag ``data-classification``, or ``governance`` in
groundplan.yaml), ``hbiWorkspace`` is true; and where it is true, the linked storage account's ``publicNetworkAccess``
is Disabled or SecuredByPerimeter.

Why: the flag keeps Microsoft's telemetry from holding customer data and makes local scratch disks encrypted; it is
worth little while the data itself lies in storage that the internet reaches.

Fix: write ``governance.data_classification`` in groundplan.yaml before the workspace is made; elsewhere set
``hbiWorkspace: true`` and close the storage account. The flag cannot be changed later.

Decided: published rules look either at the flag alone, whatever the data, or at the storage of flagged workspaces
alone. Both parts are asked for, the first only where somebody said that the data is sensitive.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from ..conditions import folded, judged
from ..outcome import Outcome, not_applicable, unknown
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity
from ..values import ABSENT, Unknown

WORKSPACE = "azure-native:machinelearningservices:Workspace"
STORAGE = "azure-native:storage:StorageAccount"


def _check(workspace: Resource, facts: Facts) -> Said:
    classification = _classification(workspace, facts)
    flag = workspace.get("hbiWorkspace")
    outcomes: list[Outcome] = []
    if str(classification).lower() in facts.texts("sensitive"):
        outcomes.append(
            judged("hbiWorkspace", flag, _is_true, f"true, since the data is {classification}", absent=False)
        )
    elif isinstance(classification, Unknown) and not _is_true(flag):
        outcomes.append(unknown("tags", "a data classification"))
    if _is_true(flag) or isinstance(flag, Unknown):
        outcomes += _storage(workspace, facts)
    return outcomes or not_applicable("nothing says that its data is sensitive, or it has no storage of its own")


def _classification(workspace: Resource, facts: Facts) -> object:
    tags = workspace.tags
    if isinstance(tags, Mapping):
        for key, value in cast("Mapping[str, object]", tags).items():
            if key.lower() == facts.text("tag").lower():
                return value
    given = facts.config.get("governance.data_classification") if facts.config else ABSENT
    return tags if given is ABSENT and isinstance(tags, Unknown) else given


def _is_true(value: object) -> bool:
    return folded(value) == "true"


def _is_closed(access: object) -> bool:
    return folded(access) in ("disabled", "securedbyperimeter")


def _storage(workspace: Resource, facts: Facts) -> Iterator[Outcome]:
    expected = "Disabled or SecuredByPerimeter"
    accounts = facts.graph.targets(workspace, "storageAccount", STORAGE)
    if not accounts and workspace.get("storageAccount") is not ABSENT:
        yield unknown("storageAccount", f"a storage account whose public access is {expected}")
    for one in accounts:
        access = one.get("publicNetworkAccess")
        path = f"{one.name}: publicNetworkAccess"
        yield judged(path, access, _is_closed, expected, absent="Enabled")


def _workspace(hbi: bool | None, classification: str = "") -> dict[str, object]:
    properties: dict[str, object] = {"storageAccount": "${data.id}"}
    properties |= {} if hbi is None else {"hbiWorkspace": hbi}
    properties |= {"tags": {"data-classification": classification}} if classification else {}
    return {"type": WORKSPACE, "name": "ml", "properties": properties}


def _account(access: str) -> dict[str, object]:
    return {"type": STORAGE, "name": "data", "properties": {"publicNetworkAccess": access}}


RULE = ResourceRule(
    id="AML-08",
    title="High-business-impact workspace flagged, its storage closed",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(WORKSPACE,),
    check=_check,
    options={
        "tag": Option(default="data-classification", help="The tag that says how sensitive the data is."),
        "sensitive": Option(
            default=("confidential", "restricted"), help="The classifications that need the flag, in lower case."
        ),
    },
    covers=("CKV2_AZURE_50", "machinelearning/mlWorkspaceHBI"),
    packs=("hardened",),
    remedy="governance.data_classification: restricted",
    failing=(
        Example(name="sensitive data, no flag", resources=[_workspace(None, "restricted"), _account("Disabled")]),
        Example(name="flag off", resources=[_workspace(False, "Confidential"), _account("Disabled")]),
        Example(name="flagged, its storage open", resources=[_workspace(True), _account("Enabled")]),
        Example(
            name="the config calls the data sensitive",
            resources=[_workspace(None), _account("Disabled")],
            config={"governance": {"data_classification": "restricted"}},
        ),
    ),
    passing=(
        Example(name="flagged, its storage closed", resources=[_workspace(True, "restricted"), _account("Disabled")]),
        Example(name="within a perimeter", resources=[_workspace(True), _account("SecuredByPerimeter")]),
    ),
)
