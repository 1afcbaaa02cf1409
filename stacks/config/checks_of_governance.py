"""What types cannot say of governance: days that there are, in their order, and the files that rules read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path


def governance_places(tree: Node, config: Config) -> Iterator[Place]:
    """Days that are none, and reviews that come before what they review."""
    for path, text in _days(config):
        if _day(text) is None:
            yield problem_at(tree, path, f"{text} is no day of the calendar", hint="Write it as '2027-01-31'.")
    for index, one in enumerate(config.governance.assessments):
        approved, review = _day(one.approved), _day(one.next_review)
        if approved is not None and review is not None and review <= approved:
            yield problem_at(
                tree, ("governance", "assessments", index, "next_review"),
                f"the assessment {one.id} is to be reviewed before it was approved",
                hint="Give a day after 'approved'.",
            )  # fmt: skip
    inventory = config.governance.inventory
    if inventory is not None and not inventory.lower().endswith(".json"):
        yield problem_at(tree, ("governance", "inventory"), "the inventory is no .json file")


def governance_files(config: Config) -> Iterator[tuple[Path, str]]:
    """The files of the project that rules about its governance read, with the paths that name them."""
    for name, text in config.governance.documents.model_dump().items():
        if text is not None:
            yield ("governance", "documents", name), text
    if config.governance.inventory is not None:
        yield ("governance", "inventory"), config.governance.inventory
    for name, model in config.models.items():
        if model.attestations is not None:
            yield ("models", name, "attestations"), model.attestations
    for name, endpoint in config.endpoints.items():
        if endpoint.runbook is not None and not endpoint.runbook.startswith("https://"):
            yield ("endpoints", name, "runbook"), endpoint.runbook


def _days(config: Config) -> Iterator[tuple[Path, str]]:
    for index, one in enumerate(config.governance.assessments):
        yield ("governance", "assessments", index, "approved"), one.approved
        yield ("governance", "assessments", index, "next_review"), one.next_review
    for name, model in config.models.items():
        if model.retirement is not None:
            yield ("models", name, "retirement"), model.retirement


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
