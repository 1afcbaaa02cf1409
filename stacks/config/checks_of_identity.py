"""Who may do what, in the form that a cloud takes: principals of roles, owners of workstations, CI's repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .config import Config
from .names import visible
from .platforms import Federation
from .problems import Place, problem_at
from .tree import Node, Path

_PRINCIPAL = re.compile(r"(?:(?P<kind>user|group|service):)?(?P<id>.+)")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s:,;]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SERVICE_ACCOUNT = re.compile(r"[a-z0-9-]+@[a-z0-9.:-]+\.gserviceaccount\.com")
_LOOK_UP = {
    "user": "az ad user show --id {} --query id --output tsv",
    "group": "az ad group show --group {} --query id --output tsv",
    "service": "az ad sp show --id APPLICATION_ID --query id --output tsv",
}

_REPOSITORIES = {
    "github": (r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}/[A-Za-z0-9_.-]{1,100}", "owner/name"),
    "gitlab": (r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)+", "group/project"),
    "azure-devops": (r"[A-Za-z0-9][A-Za-z0-9-]*(/[^/\s*?:]+){1,2}", "organization/project"),
}
_BRANCH = re.compile(r"(?![/.-])(?!.*(\.\.|//|@\{|\.lock(/|$)))[A-Za-z0-9_./+@-]+(?<![/.])")


def identity_places(tree: Node, config: Config) -> Iterator[Place]:
    """Everything that is wrong with the principals of a config and with its federation."""
    yield from _team(tree, config)
    for name, compute in config.compute.items():
        if compute.owner is not None:
            path: Path = ("compute", name, "owner")
            yield from _principal(tree, path, f"compute.{name}.owner", compute.owner, config.platform)
    if config.identity.federation is not None:
        yield from _federation(tree, config.identity.federation)


def _team(tree: Node, config: Config) -> Iterator[Place]:
    for role, principals in config.team.items():
        if not principals:
            yield problem_at(
                tree, ("team", role), f"team.{role} has no principals", hint="Name somebody, or remove the role.",
                at_key=True,
            )  # fmt: skip
        for position, text in enumerate(principals):
            yield from _principal(tree, ("team", role, position), f"team.{role}", text, config.platform)


def _principal(tree: Node, path: Path, name: str, text: str, platform: str) -> Iterator[Place]:
    check = _problem_at_azure if platform == "azureml" else _problem_at_google
    found = _PRINCIPAL.fullmatch(text)
    problem = check(found["kind"], found["id"]) if found is not None else ("it is empty", "")
    if problem is not None:
        yield problem_at(tree, path, f"{name}: {problem[0]}", hint=problem[1])


def _problem_at_azure(kind: str | None, principal: str) -> tuple[str, str] | None:
    if _UUID.fullmatch(principal):
        return None
    if _EMAIL.fullmatch(principal):
        who = f"the {kind} {visible(principal)}" if kind else visible(principal)
        message = f"{who} is given as an e-mail address; Azure needs the object id"
        return message, _LOOK_UP[kind or "group"].format(principal)
    look_up = _LOOK_UP[kind or "group"].format("NAME")
    return f"{visible(principal)} is not an object id, which Azure needs", look_up


def _problem_at_google(kind: str | None, principal: str) -> tuple[str, str] | None:
    if not _EMAIL.fullmatch(principal):
        what = "an object id; Google Cloud needs" if _UUID.fullmatch(principal) else "not"
        return f"{visible(principal)} is {what} an e-mail address", "Such as group:team@example.com."
    is_service = _SERVICE_ACCOUNT.fullmatch(principal) is not None
    if is_service and kind != "service":
        return f"{visible(principal)} is a service account", f"Write 'service:{principal}'."
    if kind == "service" and not is_service:
        return f"{visible(principal)} is not the address of a service account", "NAME@PROJECT.iam.gserviceaccount.com"
    return None


def _federation(tree: Node, federation: Federation) -> Iterator[Place]:
    path: Path = ("identity", "federation")
    pattern, form = _REPOSITORIES[federation.provider]
    if not re.fullmatch(pattern, federation.repository):
        yield problem_at(
            tree, (*path, "repository"),
            f"{visible(federation.repository)} is not a repository of {federation.provider}",
            hint=f"Write it as {form}, without wildcards.",
        )  # fmt: skip
    if not _BRANCH.fullmatch(federation.branch):
        yield problem_at(
            tree, (*path, "branch"), f"{visible(federation.branch)} is not the name of one branch",
            hint="Such as main. Wildcards would let any branch in.",
        )  # fmt: skip
    if federation.repository_id is not None and not federation.repository_id.isdecimal():
        yield problem_at(
            tree, (*path, "repository_id"), f"{visible(federation.repository_id)} is not the number of a repository",
            hint="gh api repos/OWNER/NAME --jq .id" if federation.provider == "github" else "",
        )  # fmt: skip
    if federation.provider == "azure-devops":
        yield from _azure_devops(tree, path, federation)


def _azure_devops(tree: Node, path: Path, federation: Federation) -> Iterator[Place]:
    if federation.organization_id is None or not _UUID.fullmatch(federation.organization_id):
        given = federation.organization_id is not None
        yield problem_at(
            tree, (*path, "organization_id" if given else "provider"),
            "azure-devops needs identity.federation.organization_id, the organization's id",
            hint="It is in the issuer that the service connection shows: https://vstoken.dev.azure.com/ID.",
        )  # fmt: skip
    if federation.service_connection is None or not re.fullmatch(r"[^/*]+/[^/*]+", federation.service_connection):
        given = federation.service_connection is not None
        yield problem_at(
            tree, (*path, "service_connection" if given else "provider"),
            "azure-devops needs identity.federation.service_connection as project/name",
            hint="Such as churn/deploy.",
        )  # fmt: skip
