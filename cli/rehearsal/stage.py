"""What the promises of a rehearsal are tried on: the copy's platform, and the moves that they share."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core import clock, extras, processors
from ...core.errors import GroundplanError, ResourceFailedError
from ...core.layout import Layout
from ...lifecycle import promotion, registration, rollouts
from ...lifecycle.contract.pipeline import DataSource
from ...lifecycle.contract.run import RunRequest
from ...modules.local import platform as local
from ...stacks import pipelines
from ...stacks.pipelines import served_model
from .. import nouns
from ..session import Session
from .load import Load

if TYPE_CHECKING:
    from ...lifecycle.contract.model import Judgement, ModelPlan, ModelVersion
    from ...lifecycle.contract.monitoring import Label
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.rollout import Rollout
    from ...lifecycle.contract.run import Run
    from ...stacks.config.resolved import Resolved

WHO = "rehearsal"
REASON = "a version for the rehearsal, which needs several"
PATIENCE_SECONDS = 60.0


class SkippedError(Exception):
    """A promise that cannot be tried here; the text says why."""


Row = Mapping[str, object]
Change = Callable[[Any, str], Any]
"""Makes other data of a frame; the text names the target."""


@dataclass
class Stage:
    """The copy at ``root`` and one of its models, served in the first environment.

    ``rows`` are asked about, ``truths`` are their answers, ``labels`` those of requests that were sent.
    """

    session: Session
    root: Path
    model: str | None
    rows: list[Row] = field(default_factory=list[Row])
    truths: list[Any] = field(default_factory=list[Any])
    labels: list[Label] = field(default_factory=list["Label"])

    def __post_init__(self) -> None:
        self.config: Resolved = self.session.config()
        self.layout = Layout(self.root)
        self.platform: Platform = self.session.platform(self.config)
        self.plan: ModelPlan = nouns.model_plan(self.config, self.model)
        self.environment = self.plan.environments[0]
        self.endpoint = next(
            name for name in self.config.config.endpoints if served_model(self.config, name) == self.plan.name
        )
        local.provision(self.layout, project=self.config.config.project)

    def train(self, change: Change | None = None) -> Run:
        """Run the pipeline, on other data where ``change`` makes some."""
        pipeline = pipelines.pipeline(self.config, self.plan.pipeline)
        if change is not None:
            name = next(iter(pipeline.sources))
            pipeline = replace(pipeline, sources={**pipeline.sources, name: self._changed(name, change)})
        request = RunRequest(
            root=self.root, pipeline=pipeline, environment=self.environment, config_digest=self.config.digest, user=WHO,
            jobs=processors.count(),
        )  # fmt: skip
        return self.platform.runs.record(self.platform.runs.run(request, lambda _event: None))

    def judge(self, run: Run, *, insist: bool = False) -> Judgement:
        """Judge and register; ``insist`` lets a failed gate pass in the open."""
        override = registration.OverrideRequest(person=WHO, reason=REASON) if insist else None
        return registration.judge_and_register(self.platform, run, self.plan, who=WHO, override=override)

    def version(self, number: int | None) -> ModelVersion:
        """A version in the first environment, whatever its gate says."""
        assert number is not None  # noqa: S101 it was insisted on
        people = self.plan.approvals.get(self.environment, ())
        request = promotion.Request(who=WHO, reason=REASON, override_by=WHO, approved_by=people or (WHO,))
        found = self.platform.models.get(self.plan.name, number)
        return promotion.promote(self.platform, self.plan, found, to=self.environment, request=request)

    def start(self) -> Rollout | None:
        """Begin to roll out what is in the first environment."""
        plan = replace(nouns.rollout_plan(self.config, self.endpoint), approval=None)
        settings = nouns.endpoint_settings(self.config, self.endpoint)
        return rollouts.start(self.platform, self.plan, settings, plan, who=WHO)

    def follow(self, until: Callable[[Rollout], bool] | None = None) -> Rollout:
        """Look at the rollout until it has come to its end, or to where ``until`` says.

        Raises ResourceFailedError when it does not.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            current = self.platform.rollouts.current(self.endpoint, self.environment)
            assert current is not None  # noqa: S101 it was begun
            state = rollouts.look(self.platform, current, who=WHO)
            if state.is_final or (until is not None and until(state)):
                return state
            if time.monotonic() > deadline:
                raise ResourceFailedError(f"the rollout did not end: {state.history[-1].reason}")
            time.sleep(0.2)

    def load(self) -> Load:
        """Callers, with rows that the first run held out."""
        return Load(
            self.platform.endpoints, self.platform.endpoints.deployment(self.endpoint, self.environment), self.rows
        )

    def answers(self) -> None:
        """Wait until the endpoint answers. Raises ResourceFailedError when it does not."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        deployment = self.platform.endpoints.deployment(self.endpoint, self.environment)
        while True:
            try:
                self.platform.endpoints.predict(deployment, self.rows[:1])
            except GroundplanError as error:
                if time.monotonic() > deadline:
                    raise ResourceFailedError(f"the endpoint does not answer: {error.message}") from error
                time.sleep(0.2)
            else:
                return

    def keep_rows(self, run: Run) -> None:
        """Remember held-out rows, without what is predicted and what the model does not read."""
        from ...lifecycle.local.data.tables import read_frame

        test = run.steps[self.plan.test_output.step].outputs[self.plan.test_output.output]
        deployment = self.platform.endpoints.deployment(self.endpoint, self.environment)
        known = self.platform.endpoints.row_schema(deployment).get("properties")
        frame = read_frame(test.path).dropna(subset=[self.plan.target]).head(200)
        self.truths[:] = json.loads(frame[self.plan.target].to_json(orient="values"))
        frame = frame.drop(columns=self.plan.target)
        if isinstance(known, dict):
            frame = frame[[name for name in frame.columns if name in known]]
        self.rows[:] = json.loads(frame.to_json(orient="records"))

    def serving(self) -> int:
        """The version that answers."""
        return self.platform.endpoints.deployment(self.endpoint, self.environment).served.version

    def shares(self) -> dict[int, int]:
        """Each version's share of the requests, in percent."""
        return dict(self.platform.endpoints.traffic(self.endpoint, self.environment).shares)

    def kill_worker(self, version: int) -> None:
        """Kill the process of a version. Raises ResourceFailedError when it has none."""
        for pid in self._pids(version):
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def hung(self, version: int) -> Generator[None]:
        """The process of a version lives and does nothing within the block: whoever asks it gets an error of 504."""
        pids = self._pids(version)
        try:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def _pids(self, version: int) -> Sequence[int]:
        from ...lifecycle.local.serving.records import EndpointFolder

        status = EndpointFolder.of(self.layout, self.endpoint, self.environment).status()
        pids = [one.pid for one in status.workers if one.version == version and one.pid] if status else []
        if not pids:
            raise ResourceFailedError(f"version {version} has no process at the endpoint")
        return pids

    def _changed(self, name: str, change: Change) -> DataSource:
        from ...lifecycle.local.data import sources
        from ...lifecycle.local.data.tables import is_parquet, read_frame

        source = pipelines.data_source(self.config, name)
        path, _ = sources.materialize(source, self.layout)
        frame = change(read_frame(path), self.plan.target)
        made = self.layout.data / f"rehearsal-{clock.now():%H%M%S%f}{'.parquet' if is_parquet(path) else '.csv'}"
        write = frame.to_parquet if is_parquet(path) else frame.to_csv
        write(made, index=False)
        return replace(source, path=made, sklearn=None)


def shuffled(frame: Any, target: str) -> Any:
    """The same rows with answers that belong to other rows: nothing can be learned from them."""
    numpy = extras.load("numpy")
    return frame.assign(**{target: numpy.random.default_rng(7).permutation(frame[target].to_numpy())})


def thinned(frame: Any, seed: int) -> Any:
    """Nine rows of ten."""
    generator = random.Random(seed)  # noqa: S311 nothing secret is made of it
    kept: Sequence[int] = [number for number in range(len(frame)) if generator.random() < 0.9]
    return frame.iloc[kept]
