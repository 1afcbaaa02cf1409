"""What a run of a pipeline is made of: the same as its component is given, as far as no resource has to be asked.

``submission(context, arguments)`` in a platform's ``submission.py`` makes the lifecycle's ``Submission`` of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ...lifecycle.contract.pipeline import ParameterValue, Pipeline


@dataclass(frozen=True, kw_only=True)
class SubmittedCompute:
    """A compute of the config, with what its name and its machines at the cloud follow from."""

    type: Literal["cluster", "workstation"] = "cluster"
    kind: Literal["cpu", "gpu"] = "cpu"
    size: str | None = None
    spot: bool = False
    min_nodes: int = 0


@dataclass(frozen=True, kw_only=True)
class SubmittedData:
    """A data source: the ``uri`` of one that is at the cloud already; else ``file`` of this machine with its digest.

    ``below`` is the file's path below the storage's place for data, as the pipeline's component was told it.
    """

    uri: str = ""
    below: str = ""
    file: Path | None = None
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class SubmissionArguments:
    """``pipeline`` is as the config defines it and ``up`` registered it, ``parameters`` what this run sets of it, by
    step: the others keep what the definition says. ``version`` is the digest of the definition, ``root`` the project's
    folder; ``computes`` and ``data`` by their names in the config; ``key`` is the id of the key by which what a run
    writes is encrypted, "" for the cloud's own.
    """

    pipeline: Pipeline
    version: str
    root: Path
    parameters: Mapping[str, Mapping[str, ParameterValue]] = field(default_factory=dict[str, dict[str, ParameterValue]])
    computes: Mapping[str, SubmittedCompute] = field(default_factory=dict[str, SubmittedCompute])
    data: Mapping[str, SubmittedData] = field(default_factory=dict[str, SubmittedData])
    access: Literal["private", "public"] = "private"
    address_space: str | None = None
    connection: Literal["psc", "peering"] = "psc"
    key: str = ""
    use_cache: bool = True
