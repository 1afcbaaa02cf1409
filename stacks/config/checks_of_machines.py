"""What a cloud would refuse of computes and endpoints: sizes, kinds, and names that it forbids or knows twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ...core.suggestions import closest
from ...modules.contract.catalogue import MachineSize
from . import catalogues
from .config import Config
from .names import visible
from .problems import Place, problem_at
from .tree import Node, Path

_AZURE_COMPUTE_LENGTHS = range(3, 25)
_AZURE_ENDPOINT_LENGTHS = range(3, 33)
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
        if config.platform == "azureml":
            yield from _azure_compute_name(tree, path, name)


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


def _azure_compute_name(tree: Node, path: Path, name: str) -> Iterator[Place]:
    at_azure = name.replace("_", "-")
    if len(at_azure) not in _AZURE_COMPUTE_LENGTHS:
        yield problem_at(
            tree, path, f"the compute name {name!r} has {_characters(name)}; Azure allows 3 to 24", at_key=True,
            hint="Rename it here and in the steps that name it.",
        )  # fmt: skip
    elif re.search(r"-[0-9]+$", at_azure):
        yield problem_at(
            tree, path, f"the compute name {name!r} ends in a hyphen and digits, which Azure refuses", at_key=True,
            hint=f"Such as {''.join(at_azure.rsplit('-', 1))!r}.",
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
        if endpoint.kind == "batch" and endpoint.compute not in config.compute:
            match = closest(endpoint.compute, config.compute)
            yield problem_at(
                tree, (*path, "compute"), f"there is no compute '{endpoint.compute}'",
                hint=f"Did you mean '{match}'?" if match else f"Known: {', '.join(config.compute)}.",
            )  # fmt: skip
        if config.platform == "azureml" and len(name) not in _AZURE_ENDPOINT_LENGTHS:
            yield problem_at(
                tree, path, f"the endpoint name {name!r} has {_characters(name)}; Azure allows 3 to 32",
                hint="Rename it.", at_key=True,
            )  # fmt: skip


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


def _characters(name: str) -> str:
    return f"{len(name)} character{'' if len(name) == 1 else 's'}"
