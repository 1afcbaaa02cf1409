"""Who read, wrote and deleted what in a storage account can be looked up.

What: for each service that the setting ``services`` names and that the account has, a diagnostic setting of
``…/blobServices/default``, ``…/queueServices/default`` or ``…/tableServices/default`` sends StorageRead, StorageWrite
and StorageDelete logs. A setting of the account itself sends metrics alone.

Why: after a leak the first question is who read the data, and without these logs nobody can tell.

Fix: add a ``DiagnosticSetting`` for each service, with the group allLogs; groundplan logs the services that it uses.

Decided: published rules look for the account alone, or for one service each. Here the services are a setting. In a
first preview the id of an account is not known yet, and so neither is the service that a setting is of: that is
unknown, not a pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..azure import DIAGNOSTICS, delivers
from ..conditions import folded, outcomes_of
from ..outcome import Outcome, Verdict, failed, not_applicable, passed, unknown, worst
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity
from ..values import ABSENT

ACCOUNT = "azure-native:storage:StorageAccount"

_LOGS = ("StorageRead", "StorageWrite", "StorageDelete")
_BLOBS_ONLY = ("blobstorage", "blockblobstorage")
_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/stchurn"
_STORE: Mapping[str, object] = {"type": ACCOUNT, "name": "store", "properties": {"accountName": "stchurn"}}
_delivers = delivers(*_LOGS)


def _check(account: Resource, facts: Facts) -> Said:
    services = [one for one in facts.texts("services") if _has(account, one)]
    settings = facts.graph.references(DIAGNOSTICS, "resourceUri")
    found = settings.to(account)
    unsure = bool(settings.unsure)
    outcomes = [_logged(service, found, unsure, facts) for service in services]
    return outcomes or not_applicable("an account of this kind has none of these services")


def _has(account: Resource, service: str) -> bool:
    kind = folded(account.get("kind"))
    return kind != "filestorage" and (service == "blob" or kind not in _BLOBS_ONLY)


def _logged(service: str, settings: Sequence[Resource], unsure: bool, facts: Facts) -> Outcome:
    place = f"{service}Services/default"
    expected = f"a diagnostic setting of it that sends {', '.join(_LOGS)} logs"
    verdicts = [_said(one, service, facts) for one in settings]
    if Verdict.PASS in verdicts:
        return passed(place, "logged")
    return unknown(place, expected) if unsure or Verdict.UNKNOWN in verdicts else failed(place, ABSENT, expected)


def _said(setting: Resource, service: str, facts: Facts) -> Verdict:
    """Whether a setting of the account logs this service: unknown where it may as well be of another service."""
    of = setting.get("resourceUri")
    if isinstance(of, str) and f"/{service}services/" not in of.lower():
        return Verdict.FAIL
    said = worst(outcomes_of(_delivers(setting, facts))).verdict
    return Verdict.UNKNOWN if said is Verdict.PASS and not isinstance(of, str) else said


def _setting(service: str, *categories: str) -> Mapping[str, object]:
    logs = [{"category": one, "enabled": True} for one in categories] or [{"categoryGroup": "allLogs", "enabled": True}]
    uri = f"{_ID}/{service}Services/default"
    return {
        "type": DIAGNOSTICS,
        "name": f"{service}-logs",
        "properties": {"resourceUri": uri, "logs": logs, "workspaceId": "/subscriptions/s/logs"},
    }


RULE = ResourceRule(
    id="STO-21",
    title="Reads, writes and deletes of blobs, queues and tables are logged",
    severity=Severity.LOW,
    scope="graph",
    types=(ACCOUNT,),
    check=_check,
    covers=(
        "CKV_AZURE_33",
        "CKV2_AZURE_20",
        "CKV2_AZURE_21",
        "AZU-0009",
        "AZU-0057",
    ),
    packs=("hardened",),
    options={"services": Option(default=("blob", "queue", "table"), help="the services that are to be logged")},
    failing=(
        Example(name="nothing is logged", resources=[_STORE]),
        Example(name="blobs alone", resources=[_STORE, _setting("blob")]),
        Example(
            name="reads are not logged",
            resources=[_STORE, _setting("blob", "StorageWrite", "StorageDelete")],
            settings={"services": ("blob",)},
        ),
    ),
    passing=(
        Example(name="all services", resources=[_STORE, _setting("blob"), _setting("queue"), _setting("table")]),
        Example(name="by category", resources=[_STORE, _setting("blob", *_LOGS)], settings={"services": ("blob",)}),
    ),
)
