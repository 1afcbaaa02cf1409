"""Vertex AI Experiments: an experiment for each pipeline, with its runs' parameters, metrics and models.

They are contexts of the project's metadata store, in the form in which the SDK's ``Experiment`` and ``ExperimentRun``
read them. Those two keep their project for the whole process and know no limit of time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from ...core.extras import load
from ..contract.run import Run
from ..patience import Patience
from . import naming
from .calls import Calls
from .client import CALL_SECONDS

_PARAMETERS, _METRICS, _STATE = "_params", "_metrics", "_state"
_VERSION = "0.0.1"
_STATES = {"succeeded": "COMPLETE", "failed": "FAILED", "cancelled": "CANCELLED", "running": "RUNNING"}


class Experiments:
    """The experiments of one environment; ``location`` is ``projects/P/locations/R``."""

    def __init__(self, calls: Calls, location: str, product: str, environment: str) -> None:
        self._calls = calls
        self._store = f"{location}/metadataStores/default"
        self._product = product
        self._environment = environment

    def record(self, run: Run, job_context: str, patience: Patience) -> None:
        """Show a run with what its job made in the metadata store (``job_context``). Again is once."""
        experiment = self._experiment(run.pipeline)
        name = self._run(run.pipeline, run.id)
        labels = {"groundplan": self._product}
        self._put(experiment, run.pipeline, "system.Experiment", {"experiment_deleted": False}, labels, patience)
        self._put(name, run.id, "system.ExperimentRun", _shown(run), labels, patience)
        self._join(experiment, name, patience)
        if job_context:
            self._join(name, job_context, patience)

    def metrics(self, pipeline: str, run_id: str, patience: Patience) -> Mapping[str, float]:
        """The metrics that a run was shown with; none where it was not shown yet."""
        found = self._get(self._run(pipeline, run_id), patience)
        shown: Mapping[str, Any] = (found and found.metadata) or {}
        return {name: float(value) for name, value in shown.get(_METRICS, {}).items()}

    def _experiment(self, pipeline: str) -> str:
        return f"{self._store}/contexts/{naming.experiment_id(self._product, self._environment, pipeline)}"

    def _run(self, pipeline: str, run_id: str) -> str:
        return f"{self._experiment(pipeline)}-{run_id}"

    def _get(self, name: str, patience: Patience) -> Any:
        def act() -> Any:
            return self._client(name).get_context(name=name, timeout=CALL_SECONDS, retry=None)

        return self._calls.found(act, patience, doing="look for a run", resource=name)

    def _put(
        self, name: str, title: str, schema: str, metadata: dict[str, Any], labels: dict[str, str], patience: Patience
    ) -> None:
        """Make a context, or give the one that is there this metadata."""
        wanted = load("google.cloud.aiplatform_v1").Context(
            name=name,
            display_name=title,
            schema_title=schema,
            schema_version=_VERSION,
            metadata=metadata,
            labels=labels,
        )
        conflict = load("google.api_core.exceptions").Conflict
        parent, _, id = name.partition("/contexts/")

        def make() -> bool:
            try:
                self._client(name).create_context(
                    parent=parent, context=wanted, context_id=id, timeout=CALL_SECONDS, retry=None
                )
            except conflict:
                if self._get(name, patience) is None:
                    raise
                return False
            return True

        def change() -> None:
            self._client(name).update_context(
                context=wanted, update_mask={"paths": ["metadata"]}, timeout=CALL_SECONDS, retry=None
            )

        if not self._ask(make, name, patience):
            self._ask(change, name, patience)

    def _join(self, parent: str, child: str, patience: Patience) -> None:
        """Put a context into another; where it is already, nothing changes."""

        def act() -> None:
            self._client(parent).add_context_children(
                context=parent, child_contexts=[child], timeout=CALL_SECONDS, retry=None
            )

        self._ask(act, parent, patience)

    def _ask(self, act: Callable[[], Any], name: str, patience: Patience) -> Any:
        return self._calls.ask(act, patience, doing="record the run in Vertex AI Experiments", resource=name)

    def _client(self, name: str) -> Any:
        return self._calls.of(name).metadata


def _shown(run: Run) -> dict[str, Any]:
    """A run as Vertex AI Experiments shows it; a metric that is no number has no place there."""
    models = {f"model.{name}": version for name, version in run.models.items()}
    return {
        _PARAMETERS: {**run.parameters, **models},
        _METRICS: {name: value for name, value in run.metrics.items() if math.isfinite(value)},
        _STATE: _STATES.get(run.status, "FAILED"),
    }
