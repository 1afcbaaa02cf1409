"""The workspace's experiments, which speak MLflow's own interface: what steps logged, and what a run came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, TypeVar

from ...core import clock
from ...core.errors import AuthenticationError, GroundplanError, ResourceFailedError
from ...core.extras import load
from ..contract.run import Run
from ..patience import Again
from . import errors
from .calls import Calls
from .client import credential
from .places import Workspace

_BATCH = 100
_Answer = TypeVar("_Answer")


class Experiments:
    """The experiments of a workspace, asked as who is signed in."""

    def __init__(self, calls: Calls, workspace: str) -> None:
        self._calls = calls
        self._workspace = workspace
        self._opened: Any = None

    def metrics(self, run: str) -> Mapping[str, float]:
        """What a run logged, the last value of each."""
        return self._asked(lambda store: dict(store.get_run(run).data.metrics), doing="read the metrics")

    def record(self, id: str, run: Run) -> None:
        """Log a run's parameters, metrics and models to the job with this id; the same again changes nothing."""
        entities = load("mlflow.entities")
        moment = round((clock.from_text(run.started).timestamp() + run.seconds) * 1000)
        metrics = [entities.Metric(name, value, moment, 0) for name, value in run.metrics.items() if isfinite(value)]
        parameters = [entities.Param(name, str(value)) for name, value in run.parameters.items()]
        tags = [entities.RunTag(name, value) for name, value in _tags(run).items()]

        def act(store: Any) -> None:
            for start in range(0, max(len(metrics), len(parameters), len(tags)), _BATCH):
                part = slice(start, start + _BATCH)
                store.log_batch(id, metrics[part], parameters[part], tags[part])

        self._asked(act, doing=f"record the run {run.id}")

    def _asked(self, act: Callable[[Any], _Answer], *, doing: str) -> _Answer:
        mlflow = load("mlflow.exceptions")
        try:
            if self._opened is None:
                self._opened = self._store()
            store = self._opened
            return self._calls.looking().call(lambda: act(store), _again, doing=doing)
        except mlflow.MlflowException as error:
            raise self._translated(error, doing) from error

    def _store(self) -> Any:
        """MLflow's own client of its interface, with a token that is good now for each call."""
        ml = self._calls.of(self._workspace)
        name = Workspace.of(self._workspace).name
        found = self._calls.found(
            lambda: ml.workspaces.get(name),
            self._calls.looking(),
            doing="look at the workspace",
            resource=self._workspace,
            role=errors.RUNNER,
        )
        address = "" if found is None else str(found.mlflow_tracking_uri or "")
        if not address:
            raise ResourceFailedError("the workspace tells no address for experiments", where=self._workspace)
        host = address.replace("azureml://", "https://", 1)
        scope = f"{ml._base_url.rstrip('/')}/.default"  # noqa: SLF001 the address of Azure that the SDK found
        signed_in = credential()
        creds = load("mlflow.utils.rest_utils").MlflowHostCreds

        def now() -> Any:
            return creds(host, token=signed_in.get_token(scope).token)

        return load("mlflow.store.tracking.rest_store").RestStore(now)

    def _translated(self, error: Any, doing: str) -> GroundplanError:
        status, said = error.get_http_status_code(), " ".join(str(error.message).split())[:500]
        if status == 401:
            return AuthenticationError(f"not signed in to Azure: {said}", where=self._workspace, hint=errors.SIGN_IN)
        hint = errors.role_hint(errors.RUNNER, self._workspace) if status == 403 else errors.AGAIN
        return ResourceFailedError(f"Azure ML could not {doing}: {said}", where=self._workspace, hint=hint)


def _again(error: Exception) -> Again | None:
    """Whether a call is worth another try; an answer that broke off is one without a status of its own, too."""
    status = getattr(error, "get_http_status_code", lambda: 0)()
    return Again() if status in errors.PASSING else None


def _tags(run: Run) -> dict[str, str]:
    return {
        "groundplan.run_id": run.id,
        "groundplan.pipeline": run.pipeline,
        "groundplan.environment": run.environment,
        "groundplan.status": run.status,
        "groundplan.code.dirty": str(run.code.dirty).lower(),
        "groundplan.code.digest": run.code.digest,
        "groundplan.config.digest": run.config_digest,
        **{f"groundplan.data.{source}": digest for source, digest in run.data.items()},
        **{f"groundplan.model.{name}": version for name, version in run.models.items()},
    }
