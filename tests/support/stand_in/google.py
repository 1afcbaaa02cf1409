"""Google Cloud as the stand-in plays it: resource ids, parents, replacement, what deletion leaves behind."""

from __future__ import annotations

import functools
import json
import re
import secrets
import string
import zlib
from collections.abc import Mapping
from typing import Any

from groundplan.modules.vertex.catalogue import ids

from . import google_description
from .azure import guid
from .facts import Account, Facts, Inputs

_DRAWN: Mapping[str, str] = {
    "gcp:billing/budget:Budget": "billingAccounts/{billingAccount}/budgets/{number}",
    "gcp:colab/schedule:Schedule": "projects/{project}/locations/{location}/schedules/{number}",
    "gcp:monitoring/alertPolicy:AlertPolicy": "projects/{project}/alertPolicies/{number}",
    "gcp:monitoring/dashboard:Dashboard": "projects/{project}/dashboards/{number}",
    "gcp:monitoring/notificationChannel:NotificationChannel": "projects/{project}/notificationChannels/{number}",
    "gcp:vertex/aiTensorboard:AiTensorboard": "projects/{project}/locations/{region}/tensorboards/{number}",
}
"""The ids of which Google Cloud draws a part, ``number``: two of the same settings are two, and two attempts too."""

_ADDITIVE = re.compile(r"IAMMember$|IAMAuditConfig$|projects/service:Service$|ServiceIdentity$|IamMember$")
_SOFT_DELETED = re.compile(r":(WorkloadIdentityPool|WorkloadIdentityPoolProvider|IAMCustomRole)$")
_KEPT = re.compile(r"^kms/(keyRing|cryptoKey):")
_PARENTS = re.compile(
    r"^(?P<parent>.*/(?:featureGroups|featureOnlineStores|workloadIdentityPools|keyRings|datasets)/[^/]+)/[^/]+/[^/]+$"
)


@functools.cache
def facts(token: str) -> Facts:
    """What Google Cloud knows of ``gcp:…``; a type that is not listed here gets an id made of its own names."""
    short = token.partition(":")[2]
    return Facts(
        kind=short,
        identify=functools.partial(_id, token),
        parent=_parent,
        forces=google_description.forces(token) | _path_parameters(token),
        reserves=bool(_SOFT_DELETED.search(short)),
        keeps=bool(_KEPT.search(short)),
        additive=bool(_ADDITIVE.search(short)),
        outputs=functools.partial(_outputs, short),
        refine=functools.partial(google_description.refuse, token=token),
    )


def _path_parameters(token: str) -> frozenset[str]:
    drawn = (name for _, name, _, _ in string.Formatter().parse(_DRAWN.get(token, "{project}{role}{member}")) if name)
    return frozenset(ids.names(token) or drawn) - {"number"}


class _Values(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"


def _id(token: str, inputs: Inputs, account: Account) -> str:
    given = {name: str(value) for name, value in inputs.items() if isinstance(value, str | int | float)}
    values = _Values({"project": account.project, "region": account.region, "location": account.region, **given})
    if token in _DRAWN:
        return _DRAWN[token].format_map(_Values({**values, "number": str(10**18 + secrets.randbelow(10**18))}))
    if token in ids.IDS:
        return ids.IDS[token].format_map(values)
    scalars = "/".join(value for _, value in sorted(given.items()))
    digest = zlib.crc32(json.dumps(inputs, sort_keys=True).encode())
    return f"projects/{values['project']}/{token.rpartition(':')[2]}/{scalars or digest}"


def _parent(id: str) -> str:
    found = _PARENTS.match(id)
    return found["parent"] if found else ""


def _outputs(short: str, id: str, inputs: Inputs, account: Account) -> dict[str, Any]:
    """What Google Cloud itself adds; the provider keeps those of them that the type gives."""
    name = id.rpartition("/")[2]
    project = str(inputs.get("project") or account.project)
    number = str(zlib.crc32(project.encode()))
    agent = f"service-{number}@gcp-sa-{str(inputs.get('service', name)).partition('.')[0]}.iam.gserviceaccount.com"
    email = (
        agent if short.endswith(":ServiceIdentity") else f"{inputs.get('accountId')}@{project}.iam.gserviceaccount.com"
    )
    given = inputs.get("name")
    return {
        "name": given if given is not None else id.replace(f"projects/{project}/locations/global/workloadIdentityPools",
                                                           f"projects/{number}/locations/global/workloadIdentityPools"),
        "email": email,
        "member": inputs.get("member") or f"serviceAccount:{email}",
        "writerIdentity": f"serviceAccount:service-{number}@gcp-sa-logging.iam.gserviceaccount.com",
        "uniqueId": str(int(guid(id).replace("-", "")[:15], 16)),
        "selfLink": f"https://www.googleapis.com/{id}",
        "url": f"gs://{name}",
        "project": project,
        "number": number,
        "projectNumber": int(number),
        "state": "ACTIVE",
        "etag": guid(id, "etag"),
        "createTime": "2026-01-01T00:00:00Z",
        "updateTime": "2026-01-01T00:00:00Z",
        "effectiveLabels": inputs.get("labels") or {},
        "pulumiLabels": inputs.get("labels") or {},
    }  # fmt: skip
