"""What a cloud would refuse of computes and endpoints: sizes, kinds, and names too long or taken twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...core.suggestions import closest
from ...modules.contract.catalogue import MachineSize
from . import catalogues
from .config import Config
from .names import visible
from .problems import Place, problem_at
from .section import seconds
from .tree import Node, Path

LONGEST_AT_AZURE = {"cluster": 18, "workstation": 15, "endpoint": 23}
"""The most characters of a name: Azure's own limit (24, endpoints 32) without the token that groundplan adds."""

MOST_SECONDS_AT_AZURE = 180
"""How long Azure lets an online endpoint work on a request
(https://learn.microsoft.com/azure/machine-learning/how-to-manage-quotas)."""

_WITH_GPU = {"azureml": "Standard_NC4as_T4_v3", "vertex": "g2-standard-4"}


def machine_places(tree: Node, config: Config) -> Iterator[Place]:
    """Everything that is wrong with what runs on machines of a cloud."""
    yield from _computes(tree, config)
    yield from _endpoints(tree, config)
    yield from _same_names(tree, config)


def _computes(tree: Node, config: Config) -> Iterator[Place]:
    for name, compute in config.compute.items():
        path: Path = ("compute", name)
        size, problem = _size(config.platform, compute.size)
        if problem is not None:
            yield problem_at(tree, (*path, "size"), problem[0], hint=problem[1])
        if size is not None:
            yield from _kind(tree, config.platform, path, compute.kind, size)
        if compute.type == "workstation" and compute.owner is None:
            yield problem_at(
                tree, path, f"compute '{name}' is a workstation and belongs to nobody",
                hint="Add 'owner: …', the person who works on it.", at_key=True,
            )  # fmt: skip
        yield from _length(tree, config.platform, path, compute.type)


def _size(platform: str, size: str | None) -> tuple[MachineSize | None, tuple[str, str] | None]:
    """What is known of a machine size, and what is wrong with it."""
    catalogue = catalogues.sizes(platform)
    sizes: Mapping[str, MachineSize] = catalogue.SIZES
    if size is None or size in sizes:
        return (None if size is None else sizes[size]), None
    match = closest(size, sizes)
    hint = (
        f"Did you mean '{match}'?" if match is not None
        else f"groundplan knows the sizes of {catalogue.AS_OF}; a newer one is set with overrides."
    )  # fmt: skip
    return None, (f"{visible(size)} is not a machine size of {platform}", hint)


def _kind(tree: Node, platform: str, path: Path, kind: str, size: MachineSize) -> Iterator[Place]:
    attachable = platform == "vertex" and catalogues.sizes(platform).takes_accelerators(size)
    if kind == "gpu" and not size.gpus and not attachable:
        yield problem_at(
            tree, (*path, "size"), f"compute '{path[-1]}' is of kind gpu, and {size.name} has no GPU",
            hint=f"Such as {_WITH_GPU[platform]}; or leave size out.",
        )  # fmt: skip
    if kind == "cpu" and size.gpus:
        yield problem_at(
            tree, (*path, "size"),
            f"compute '{path[-1]}' is of kind cpu, and {size.name} comes with {size.gpus} × {size.accelerator}",
            hint="Write 'kind: gpu', or choose a size without a GPU.",
        )  # fmt: skip


def _endpoints(tree: Node, config: Config) -> Iterator[Place]:
    for name, endpoint in config.endpoints.items():
        path: Path = ("endpoints", name)
        _, problem = _size(config.platform, endpoint.size)
        if problem is not None:
            yield problem_at(tree, (*path, "size"), problem[0], hint=problem[1])
        if endpoint.min_instances > endpoint.max_instances:
            yield problem_at(
                tree, (*path, "min_instances"),
                f"endpoint '{name}': min_instances ({endpoint.min_instances}) is above max_instances"
                f" ({endpoint.max_instances})",
            )  # fmt: skip
        if endpoint.kind == "online" and endpoint.schedule is not None:
            yield problem_at(
                tree, (*path, "schedule"), f"endpoint '{name}' is online: it answers when it is asked", at_key=True,
                hint="Write 'kind: batch', or remove the schedule.",
            )  # fmt: skip
        waits = seconds(endpoint.request_timeout)
        if config.platform == "azureml" and endpoint.kind == "online" and waits > MOST_SECONDS_AT_AZURE:
            yield problem_at(
                tree, (*path, "request_timeout"),
                f"endpoint '{name}': Azure ends a request after {MOST_SECONDS_AT_AZURE} seconds; request_timeout is"
                f" {endpoint.request_timeout}",
                hint="Write 3m or less, or 'kind: batch' for what takes longer.",
            )  # fmt: skip
        if endpoint.kind == "batch" and endpoint.compute not in config.compute:
            match = closest(endpoint.compute, config.compute)
            yield problem_at(
                tree, (*path, "compute"), f"there is no compute '{endpoint.compute}'",
                hint=f"Did you mean '{match}'?" if match else f"Known: {', '.join(config.compute)}.",
            )  # fmt: skip
        yield from _length(tree, config.platform, path, "endpoint")


def _same_names(tree: Node, config: Config) -> Iterator[Place]:
    """Names that differ here only by hyphen and underscore, and become the same at the cloud."""
    groups: dict[str, list[str]] = {
        "compute": list(config.compute),
        "endpoints": list(config.endpoints),
        "models": list(config.models),
        "pipelines": list(config.pipelines),
        "features": list(config.features.sets),
    }
    for group, names in groups.items():
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(name.replace("_", "-"), name)
            if other != name:
                path: Path = ("features", "sets", name) if group == "features" else (group, name)
                yield problem_at(
                    tree, path, f"{other!r} and {name!r} become the same name at the cloud", hint="Rename one of them.",
                    at_key=True,
                )  # fmt: skip


def _length(tree: Node, platform: str, path: Path, kind: str) -> Iterator[Place]:
    """A name that leaves no room at Azure for the token that tells it from others; elsewhere names are shortened."""
    name, longest = str(path[-1]), LONGEST_AT_AZURE[kind]
    if platform == "azureml" and len(name) > longest:
        node = tree.at(path)
        by_default = node is None or node.source is None
        yield problem_at(
            tree, ("project",) if by_default else path,
            f"the {kind}'s name {name!r} has {len(name)} characters; at Azure there is room for {longest}",
            hint=f"Name it in {path[0]} yourself, in fewer characters." if by_default else "Give it a shorter name.",
            at_key=True,
        )  # fmt: skip
