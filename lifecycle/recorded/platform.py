"""A cloud as a platform: every noun of the lifecycle over its records, its registry and its endpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..contract.batch import Batches
from ..contract.deployment import ServedModel
from ..contract.monitor_store import MonitorStore
from ..contract.pipeline import StepInput
from ..contract.platform import Endpoints, Models, Retrainings, Rollouts, Runs, Schedules
from ..contract.registry import Registry
from ..contract.run import RunRequest
from .batches import RecordedBatches
from .endpoints import LIMIT_SECONDS, RecordedEndpoints, Site
from .models import Measuring, RecordedModels
from .monitors import Judge, RecordedMonitors
from .retrainings import RecordedRetrainings
from .rollouts import RecordedRollouts
from .runs import Prepared, RecordedRuns


@dataclass(frozen=True, kw_only=True)
class RecordedPlatform:
    """Implements the lifecycle's Platform Protocol."""

    runs: Runs
    schedules: Schedules | None
    models: Models
    endpoints: Endpoints
    monitors: MonitorStore
    rollouts: Rollouts
    retrainings: Retrainings
    batches: Batches | None


def platform(
    name: str,
    sites: Mapping[str, Site],
    registry: Registry,
    *,
    measuring: Measuring,
    judge: Judge,
    row_schema: Callable[[Path], Mapping[str, object]],
    prepare: Callable[[RunRequest], Prepared],
    folder: Path,
    seconds: float = LIMIT_SECONDS,
) -> RecordedPlatform:
    """The platform of this name with these environments, in the order in which a model passes them.

    What is not of one environment (runs, versions, audit log, decisions on retraining) is on record in the first one.
    ``prepare`` makes of a request what its cloud is given; ``folder`` is this machine's, for what is fetched.
    """
    home = next(iter(sites.values())).records
    jobs = {environment: site.jobs for environment, site in sites.items()}
    runs = RecordedRuns(home, jobs, prepare=prepare, folder=folder)
    models = RecordedModels(home, registry, measuring=measuring, fetched=runs.fetched, folder=folder)

    def folder_of(served: ServedModel) -> Path:
        return models.folders.there(models.get(served.name, served.version))

    def place(model: str, version: int, source: StepInput) -> str:
        return runs.place(models.get(model, version).lineage.run_id, source)

    return RecordedPlatform(
        runs=runs,
        schedules=runs,
        models=models,
        endpoints=RecordedEndpoints(sites, folder_of=folder_of, row_schema=row_schema, folder=folder, seconds=seconds),
        monitors=RecordedMonitors(sites, judge=judge, baseline_of=models.kept_baseline, place=place, folder=folder),
        rollouts=RecordedRollouts({environment: site.records for environment, site in sites.items()}),
        retrainings=RecordedRetrainings(home),
        batches=RecordedBatches(sites, folder_of=folder_of, row_schema=row_schema, seconds=seconds),
    )
