"""Puts a finished run into MLflow's tracking store, where ``mlflow ui`` shows it."""

from __future__ import annotations

from typing import Any

from ....core import clock, extras, files
from ....core.errors import GroundplanError
from ....core.layout import Layout
from ...contract.run import Run
from .. import tracking

RUN_TAG = "groundplan.run_id"
"""The tag under which an MLflow run names groundplan's run."""

_BATCH = 100
_LARGEST_ARTIFACT_BYTES = 5_000_000
_LOGGED_TYPES = frozenset({"metrics", "report", "value"})


def record(run: Run, layout: Layout) -> str:
    """The id of the MLflow run that holds this run; made, or completed after a kill, when it is not whole yet."""
    client = tracking.open_store(layout)
    mlflow = extras.load("mlflow")
    database = layout.tracking_database
    with files.explained(database):
        try:
            return _record(client, run, layout)
        except (mlflow.exceptions.MlflowException, extras.load("sqlalchemy").exc.SQLAlchemyError) as error:
            raise GroundplanError(
                f"cannot write run {run.id} into the tracking store: {str(error).splitlines()[0]}",
                where=str(database),
                hint="Run the command again; what is there already is kept.",
            ) from error


def _record(client: Any, run: Run, layout: Layout) -> str:
    experiment = _experiment(client, f"{layout.root.resolve().name}/{run.pipeline}", layout)
    began = _milliseconds(run.started)
    found = client.search_runs([experiment], filter_string=f"tags.`{RUN_TAG}` = '{run.id}'", max_results=1)
    entry = (
        found[0] if found else client.create_run(experiment, start_time=began, tags={RUN_TAG: run.id}, run_name=run.id)
    )
    mlflow_id: str = entry.info.run_id
    if entry.info.status != "FINISHED":
        ended = began + round(run.seconds * 1000)
        _log_values(client, mlflow_id, run, ended)
        for step in run.steps.values():
            for artifact in step.outputs.values():
                if artifact.type in _LOGGED_TYPES and artifact.size_bytes <= _LARGEST_ARTIFACT_BYTES:
                    client.log_artifact(mlflow_id, str(artifact.path), artifact_path=step.name)
        client.set_terminated(mlflow_id, "FINISHED", end_time=ended)
    return mlflow_id


def _experiment(client: Any, name: str, layout: Layout) -> str:
    known = client.get_experiment_by_name(name)
    if known is not None:
        return known.experiment_id
    return client.create_experiment(name, artifact_location=layout.artifacts.absolute().as_uri())


def _log_values(client: Any, mlflow_id: str, run: Run, moment: int) -> None:
    """Parameters, metrics and tags; the same again changes nothing, as each metric keeps its time."""
    entities = extras.load("mlflow.entities")
    metrics = [entities.Metric(name, value, moment, 0) for name, value in run.metrics.items()]
    parameters = [entities.Param(name, str(value)) for name, value in run.parameters.items()]
    tags = [entities.RunTag(name, value) for name, value in _tags(run).items()]
    for start in range(0, max(len(metrics), len(parameters), len(tags)), _BATCH):
        part = slice(start, start + _BATCH)
        client.log_batch(mlflow_id, metrics=metrics[part], params=parameters[part], tags=tags[part])


def _tags(run: Run) -> dict[str, str]:
    return {
        "mlflow.user": run.user,
        "mlflow.source.git.commit": run.code.commit,
        "groundplan.pipeline": run.pipeline,
        "groundplan.environment": run.environment,
        "groundplan.code.dirty": str(run.code.dirty).lower(),
        "groundplan.code.digest": run.code.digest,
        "groundplan.config.digest": run.config_digest,
        "groundplan.python": run.python,
        **{f"groundplan.data.{source}": digest for source, digest in run.data.items()},
    }


def _milliseconds(text: str) -> int:
    return round(clock.from_text(text).timestamp() * 1000)
