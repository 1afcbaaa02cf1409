"""Who Google's IAM resources give what: members, bindings and whole policies read alike."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import paths
from .conditions import judged
from .outcome import Outcome, not_applicable, passed
from .resource import Resource
from .rule import Check, Example, Facts, Said, example
from .tokens import normalised, type_in
from .values import Unknown

PUBLIC = frozenset({"allusers", "allauthenticatedusers"})
"""What stands for everybody, and for everybody who has an account at Google, in lower case."""

BASIC_ROLES = frozenset({"roles/owner", "roles/editor", "roles/viewer"})
"""The roles from before IAM, which hold for every service of a project."""

_AGENT_PROJECTS = (
    "gcp-sa-[a-z0-9-]+",
    "cloud-ml\\.google\\.com",
    "cloudcomposer-accounts",
    "compute-system",
    "container-engine-robot",
    "containerregistry",
    "dataflow-service-producer-prod",
    "dataproc-accounts",
    "gcf-admin-robot",
    "gs-project-accounts",
    "serverless-robot-prod",
    "service-networking",
)
"""Google's own projects, in which its agents are; anybody may call an account of theirs service-12."""

_AGENT_NAME = re.compile(rf"serviceaccount:service-\d+@(?:{'|'.join(_AGENT_PROJECTS)})\.iam\.gserviceaccount\.com")

_ACCOUNT = "gcp:serviceaccount/account:Account"
_AGENT = "gcp:projects/serviceIdentity:ServiceIdentity"

_NAMELESS = ("gcp:compute/network:", "gcp:compute/subnetwork:", "gcp:kms/")
"""Resources beside an account in a machine's set-up that have no email themselves."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One member with one role, and the property path of the member. Each may be an Unknown or a secret."""

    path: str
    role: object
    member: object


def types(*stems: str) -> tuple[str, ...]:
    """The three types that grant: ``gcp:storage:BucketIAM`` gives those of a member, a binding and a policy."""
    return tuple(normalised(f"{stem}{kind}") for stem in stems for kind in ("Member", "Binding", "Policy"))


def grants(resource: Resource) -> Iterator[Grant]:
    """Every grant of a resource; a policy that cannot be read is one grant of which nothing is known."""
    if "policyData" in resource.properties:
        yield from _of_policy(resource.get("policyData"))
        return
    role = resource.get("role")
    if "member" in resource.properties:
        yield Grant(path="member", role=role, member=resource.get("member"))
    for path, member in resource.each("members[]"):
        yield Grant(path=path, role=role, member=member)


def _of_policy(data: object) -> Iterator[Grant]:
    nothing_known = Grant(path="policyData", role=Unknown(), member=Unknown())
    if not isinstance(data, str):
        yield nothing_known
        return
    try:
        policy: object = json.loads(data)
    except ValueError:
        yield nothing_known
        return
    for _, binding in paths.each(policy, "bindings[]"):
        for _, member in paths.each(binding, "members[]"):
            yield Grant(path="policyData", role=paths.get(binding, "role"), member=member)


def each_grant(judge: Callable[[Grant], Outcome]) -> Check:
    """``judge`` asked of every grant, what it says twice told once; not applicable where nothing is granted."""

    def check(resource: Resource, _facts: Facts) -> Said:
        said = dict.fromkeys(judge(grant) for grant in grants(resource))
        return list(said) or not_applicable("nothing is granted")

    return check


def named(grant: Grant) -> Outcome:
    """A grant is not to everybody."""
    expected = "a named person, group or service account"
    if is_account(grant.member):
        return passed(grant.path, grant.member)
    return judged(grant.path, grant.member, lambda member: str(member).lower() not in PUBLIC, expected)


private = each_grant(named)
"""Nothing is granted to everybody."""


def open_grants(kinds: Sequence[str], on: Mapping[str, object]) -> tuple[Example, ...]:
    """Examples that ``private`` refuses, of a member, a binding and a policy (``types``) on the resource ``on``."""
    member, binding, policy, *_ = kinds
    everybody = '{"bindings": [{"role": "r", "members": ["allUsers"]}]}'
    among_others = ["group:ml@example.com", "allAuthenticatedUsers"]
    return (
        example("everybody", member, {**on, "role": "r", "member": "allUsers"}),
        example("everybody at Google, among others", binding, {**on, "role": "r", "members": among_others}),
        example("in a whole policy", policy, {**on, "policyData": everybody}),
    )


def closed_grants(kinds: Sequence[str], on: Mapping[str, object]) -> tuple[Example, ...]:
    """Examples that ``private`` passes, as ``open_grants``."""
    member, binding, *_ = kinds
    return (
        example("a group", member, {**on, "role": "r", "member": "group:ml@example.com"}),
        example("two people", binding, {**on, "role": "r", "members": ["user:a@b.c", "user:d@e.f"]}),
    )


def role_path(grant: Grant) -> str:
    """Where a grant's role stands."""
    return grant.path if grant.path == "policyData" else "role"


def is_account(member: object) -> bool:
    """Whether a value that is not known yet can only be a service account that a program makes."""
    return (
        isinstance(member, Unknown) and bool(member.of) and all(type_in(urn) in (_ACCOUNT, _AGENT) for urn in member.of)
    )


def is_default_account(email: object) -> bool:
    """Whether a text names the service account that Google makes for Compute Engine or App Engine in each project."""
    text = str(email).lower()
    return text.endswith(("-compute@developer.gserviceaccount.com", "@appspot.gserviceaccount.com"))


def is_agent(member: object) -> bool:
    """Whether a member is one of Google's own agents, which work for a service and for nobody else."""
    if isinstance(member, Unknown):
        return bool(member.of) and all(type_in(urn) == _AGENT for urn in member.of)
    return _AGENT_NAME.fullmatch(str(member).lower()) is not None


def own_account(path: str, email: object) -> Outcome:
    """A machine's account is named, and is not the default one that Google takes otherwise."""
    expected = "a service account of its own"
    if isinstance(email, Unknown) and is_account(Unknown(of=tuple(urn for urn in email.of if _may_name(urn)))):
        return passed(path, email)
    return judged(path, email, lambda one: one not in ("", "default") and not is_default_account(one), expected)


def _may_name(urn: str) -> bool:
    """Whether an email can come from a resource: what is nested in one property shares all that the property needs."""
    return not type_in(urn).startswith(_NAMELESS)
