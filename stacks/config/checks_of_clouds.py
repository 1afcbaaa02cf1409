"""What a cloud would refuse of a config: its region, account, budget, schedules; the rest is in the files beside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from ...core import cron
from ...core.suggestions import closest
from . import catalogues
from .checks_of_identity import identity_places
from .checks_of_keys import key_places
from .checks_of_machines import machine_places
from .checks_of_networks import network_places
from .config import Config
from .names import visible
from .problems import Place, problem_at
from .tree import Node, Path

_EXAMPLES = {"azureml": "westeurope", "vertex": "europe-west4"}
_SERVICES = {"azureml": "Azure Machine Learning", "vertex": "Vertex AI"}
_ACCOUNT = {
    "azureml": (("subscription", "tenant"), ("project", "number", "billing_account", "organization")),
    "vertex": (("project",), ("subscription", "tenant")),
}
_MEANS_NOTHING: Mapping[str, tuple[Path, ...]] = {
    "azureml": (
        ("network", "connection"), ("network", "perimeter"), ("network", "access_policy"),
        ("endpoints", "*", "shared_pool"), ("endpoints", "*", "image"),
    ),
    "vertex": (
        ("encryption", "vault"), ("encryption", "region"), ("endpoints", "*", "pinned", "environment_uri"),
        ("endpoints", "*", "pinned", "training"), ("budget", "start"),
    ),
}  # fmt: skip
"""Keys that only the other cloud knows; ``*`` stands for any name."""

_IMAGE = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev/[^/\s]+/[^/\s]+/\S*[^/\s]")
_EMAIL = re.compile(r"[^@\s,;<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def cloud_places(tree: Node, config: Config, *, left_out: frozenset[str] = frozenset()) -> Iterator[Place]:
    """Everything that the config's cloud would refuse, told before any of its SDKs is imported.

    ``left_out`` are the sections that lack something because it is wrong in itself: they are not judged again.
    """
    yield from _schedules(tree, config)
    if config.platform == "local":
        yield from _only_on_clouds(tree, config)
        return
    for section, check in _CHECKS:
        if section not in left_out:
            yield from check(tree, config)


def region_problem(platform: str, region: str) -> tuple[str, str] | None:
    """Why a region cannot be used for a platform, and what to write instead; or None."""
    regions = catalogues.regions(platform)
    if region in regions.REGIONS:
        return None
    if region in regions.WITHOUT_MACHINE_LEARNING:
        return f"{_SERVICES[platform]} is not offered in {region!r}", f"Such as {_EXAMPLES[platform]}."
    message = f"{region!r} is not a region of {platform}"
    match = closest(region, regions.REGIONS)
    if match is not None and not _of_other_cloud(platform, region):
        return message, f"Did you mean '{match}'?"
    return message, f"Such as {_EXAMPLES[platform]}; groundplan knows the regions of {regions.AS_OF}."


def _of_other_cloud(platform: str, region: str) -> bool:
    return any(region in catalogues.regions(other).REGIONS for other in _EXAMPLES if other != platform)


def _region(tree: Node, config: Config) -> Iterator[Place]:
    if config.region is None:
        yield problem_at(
            tree, ("platform",), f"platform {config.platform} needs a region",
            hint=f"Add 'region: {_EXAMPLES[config.platform]}'.",
        )  # fmt: skip
    elif (problem := region_problem(config.platform, config.region)) is not None:
        yield problem_at(tree, ("region",), problem[0], hint=problem[1])


def _account(tree: Node, config: Config) -> Iterator[Place]:
    needed, foreign = _ACCOUNT[config.platform]
    account = config.account
    missing = [key for key in needed if account is None or getattr(account, key) is None]
    if missing:
        path: Path = ("platform",) if account is None else ("account",)
        example = ", ".join(f"{key}: …" for key in needed)
        yield problem_at(
            tree, path, f"platform {config.platform} needs account.{' and account.'.join(missing)}",
            hint=f"Add 'account: {{{example}}}'.", at_key=account is not None,
        )  # fmt: skip
    for key in foreign:
        if account is not None and getattr(account, key) is not None:
            yield _means_nothing(tree, ("account", key), config.platform)


def _only_on_clouds(tree: Node, config: Config) -> Iterator[Place]:
    for name, source in config.data.sources.items():
        if source.uri is not None:
            yield problem_at(
                tree, ("data", "sources", name, "uri"), f"data.sources.{name}.uri means nothing on this machine",
                hint="Name a file with path, or set the platform to a cloud.", at_key=True,
            )  # fmt: skip


def _foreign_keys(tree: Node, config: Config) -> Iterator[Place]:
    for pattern in _MEANS_NOTHING[config.platform]:
        for path in _written(tree, pattern):
            yield _means_nothing(tree, path, config.platform)


def _written(tree: Node, pattern: Path, path: Path = ()) -> Iterator[Path]:
    """The paths of this pattern at which somebody wrote something."""
    if not pattern:
        if tree.source is not None and tree.content is not None:
            yield path
        return
    first, *rest = pattern
    for name in list(tree.children) if first == "*" else [first]:
        if str(name) in tree.children:
            yield from _written(tree.children[str(name)], tuple(rest), (*path, name))


def _means_nothing(tree: Node, path: Path, platform: str) -> Place:
    name = ".".join(str(part) for part in path)
    return problem_at(tree, path, f"{name} means nothing on {platform}", hint="Remove it.", at_key=True)


def _budget(tree: Node, config: Config) -> Iterator[Place]:
    budget = config.budget
    if budget is None:
        return
    if config.platform == "azureml" and budget.start is None:
        yield problem_at(
            tree, ("budget",), "budget.start is missing: Azure counts from the first day of a month",
            hint="Add 'start: \"2027-01-01\"', with the month in which it begins.", at_key=True,
        )  # fmt: skip
    elif config.platform == "azureml" and not _is_a_day(str(budget.start)):
        yield problem_at(tree, ("budget", "start"), f"budget.start: there is no day {budget.start!r}")
    if budget.notify_at and not budget.contacts:
        yield problem_at(
            tree, ("budget",), "the budget would be exceeded and nobody told: budget.contacts is empty", at_key=True,
            hint="Add 'contacts: [team@example.com]'.",
        )  # fmt: skip


def _account_of_budget(tree: Node, config: Config) -> Iterator[Place]:
    account = config.account
    missing = [key for key in ("billing_account", "number") if account is None or getattr(account, key) is None]
    if config.platform == "vertex" and config.budget is not None and missing:
        yield problem_at(
            tree, ("budget",), f"a budget at Google Cloud needs account.{' and account.'.join(missing)}", at_key=True,
            hint="gcloud billing projects describe PROJECT; gcloud projects describe PROJECT",
        )  # fmt: skip


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _alerts(tree: Node, config: Config) -> Iterator[Place]:
    enabled = tree.at(("monitoring", "enabled"))
    asked_for = enabled is not None and enabled.source is not None
    if config.monitoring.enabled and asked_for and not config.monitoring.alerts:
        yield problem_at(
            tree, ("monitoring", "enabled"), "monitoring is on, and its alerts would reach nobody",
            hint="Add 'alerts: [team@example.com]'.",
        )  # fmt: skip
    lists: dict[Path, list[str]] = {("monitoring", "alerts"): config.monitoring.alerts}
    if config.budget is not None:
        lists["budget", "contacts"] = config.budget.contacts
    for path, addresses in lists.items():
        for position, address in enumerate(addresses):
            if not _EMAIL.fullmatch(address):
                yield problem_at(tree, (*path, position), f"{visible(address)} is no e-mail address")


def _schedules(tree: Node, config: Config) -> Iterator[Place]:
    schedules: dict[Path, str | None] = {
        ("retraining", "schedule"): config.retraining.schedule,
        ("features", "schedule"): config.features.schedule,
        **{("pipelines", name, "schedule"): one.schedule for name, one in config.pipelines.items()},
        **{("endpoints", name, "schedule"): one.schedule for name, one in config.endpoints.items()},
    }
    for path, text in schedules.items():
        if text is not None and (problem := cron.problem_with(text)) is not None:
            name = ".".join(str(part) for part in path)
            yield problem_at(tree, path, f"{name}: {problem}", hint="Such as '0 3 * * 1': Mondays at three, in UTC.")


def _images(tree: Node, config: Config) -> Iterator[Place]:
    """Vertex AI keeps the image with a model's version, so that all endpoints of a model have the same one."""
    chosen: dict[str, str] = {}
    for name, endpoint in config.endpoints.items():
        if config.platform != "vertex" or endpoint.image is None:
            continue
        path: Path = ("endpoints", name, "image")
        if not _IMAGE.fullmatch(endpoint.image):
            yield problem_at(
                tree, path, f"{visible(endpoint.image)} is no image in Artifact Registry",
                hint="Such as europe-west4-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG; Vertex AI takes no other.",
            )  # fmt: skip
        model = endpoint.model or name
        if chosen.setdefault(model, endpoint.image) != endpoint.image:
            yield problem_at(
                tree, path, f"another endpoint serves {model} with another image: {visible(chosen[model])}",
                hint="Vertex AI keeps the image with a model's version: name the same one at both.",
            )  # fmt: skip


_CHECKS: tuple[tuple[str, Callable[[Node, Config], Iterator[Place]]], ...] = (
    ("region", _region),
    ("account", _account),
    ("", _foreign_keys),
    ("", machine_places),
    ("network", network_places),
    ("", identity_places),
    ("encryption", key_places),
    ("budget", _budget),
    ("account", _account_of_budget),
    ("monitoring", _alerts),
    ("endpoints", _images),
)
"""Each check with the section that it cannot judge when a part of it is missing."""
