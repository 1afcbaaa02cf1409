"""The laptop's model registry: MLflow's own, with stages that survive a kill at any moment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from pydantic import TypeAdapter, ValidationError

from ...core import clock, digests, files
from ...core.errors import NotFoundError, StoreCorruptedError, UsageError
from ...core.layout import Layout
from .. import stages
from ..contract.evidence import Comparison, Evidence, Verdict
from ..contract.model import Action, AuditEntry, Judgement, Lineage, ModelPlan, ModelVersion, Override
from ..contract.monitoring import Attribution, Baseline
from ..contract.rubric import ChampionRule
from ..contract.run import Run
from ..stages import demand_as_read, label, new_entry, overriding, promotion_details, transaction_of
from .monitoring import baselines
from .registry import folders as model_folders
from .registry import tags as model_tags
from .registry.store import ModelStore, Step

_MLFLOW_KEEPS = re.compile(r"latest|v\d+")


@dataclass(frozen=True)
class LocalModels:
    """Implements the lifecycle's Models Protocol below ``.groundplan/``.

    Versions are MLflow's model versions, stages its aliases. A change is written into the journal before it is made;
    whichever command comes next finishes what a kill cut short.
    """

    layout: Layout

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        """Measure a run's model on its held-out data, or give the fresh evidence that is there."""
        from .evaluation.process import evaluate

        return evaluate(self.layout, run, plan)

    def compare(
        self, challenger: ModelVersion, champion: ModelVersion, *, run: Run, plan: ModelPlan, rule: ChampionRule
    ) -> Comparison:
        """Challenger against champion on the held-out rows of the challenger's run. Raises NotFoundError."""
        from .evaluation.process import compare

        step = run.steps.get(plan.test_output.step)
        data = step.outputs.get(plan.test_output.output) if step is not None else None
        if data is None:
            raise NotFoundError(f"run {run.id} kept no held-out data", hint="groundplan run makes it again.")
        return compare(self.layout, challenger=challenger, champion=champion, test_data=data.path, plan=plan, rule=rule)

    def register(
        self,
        *,
        name: str,
        source: Path,
        digest: str,
        lineage: Lineage,
        evidence: Evidence,
        verdict: Verdict,
        override: Override | None,
        trusted_types: Sequence[str],
        who: str,
    ) -> ModelVersion:
        """Register a model folder as a new version; the same digest again gives the version it has."""
        with self._store.changing():
            path = model_folders.keep_model(self.layout.artifacts, name, source, digest)
            baselines.keep_measured(self.layout, path, name, digest)
            for known in self._store.all(name):
                if known.digest == digest:
                    return known
            version = self._store.next_number(name)
            overrides = () if override is None else (override,)
            kept = model_folders.keep_evidence(path.parent, evidence, verdict)
            tags = {
                **model_tags.of_new(
                    digest=digest,
                    lineage=lineage,
                    created=clock.to_text(clock.now()),
                    trusted_types=trusted_types,
                    size_bytes=sum((path / file).stat().st_size for file in digests.names_below(path)),
                ),
                **model_tags.of_judgement(kept, verdict, overrides),
            }
            create = {"do": "create", "name": name, "version": version, "source": path.as_uri(),
                      "run": lineage.tracking_run_id, "tags": tags}  # fmt: skip
            details = {"digest": digest, "run": lineage.run_id, "evidence": kept[1]}
            entry = new_entry("register", name, version, who=who, details=details)
            self._store.change(f"register {name} v{version}", [create], [entry, *overriding(entry, override)])
            return self._store.get(name, version)

    def list(self, name: str | None = None) -> Sequence[ModelVersion]:
        """All versions, of one model or of all, newest first."""
        return self._store.all(name)

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises NotFoundError."""
        return self._store.get(name, version)

    def move(self, version: ModelVersion, *, to: str, who: str, reason: str, evidence: Evidence | None,
             verdict: Verdict | None, override: Override | None,
             approved_by: Sequence[str]) -> ModelVersion:  # fmt: skip
        """Put a version into a stage, retiring the one that was there: all or nothing, even when killed.

        Raises PolicyError when the version was moved or rejected since it was read.
        """
        if _MLFLOW_KEEPS.fullmatch(to):
            raise UsageError(f"MLflow keeps the name {to!r} for itself", hint="Rename that environment.")
        with self._store.changing():
            current = self._store.get(version.name, version.version)
            if current.stage == to and evidence in (None, current.evidence):
                return current
            demand_as_read(current, version)
            return self._enter(current, to, who=who, reason=reason, evidence=evidence, verdict=verdict,
                               override=override, approved_by=approved_by)  # fmt: skip

    def _enter(
        self,
        current: ModelVersion,
        to: str,
        *,
        who: str,
        reason: str,
        evidence: Evidence | None,
        verdict: Verdict | None,
        override: Override | None,
        approved_by: Sequence[str],
    ) -> ModelVersion:
        overrides = (*current.overrides, *(() if override is None else (override,)))
        judged = verdict or current.verdict
        kept = model_folders.keep_evidence(current.path.parent, evidence or current.evidence, judged)
        there = self._store.in_stage(current.name, to)
        retired = None if there == current else there
        details = promotion_details(current, retired, evidence=kept[1], approved_by=approved_by)
        entry = new_entry(
            "promote", current.name, current.version, who=who, environment=to, reason=reason, details=details
        )
        self._store.change(
            f"promote {label(current)} to {to}",
            [
                *_leaving(current, "registered"),
                *_leaving(retired, "retired"),
                *_tagging(current, model_tags.of_judgement(kept, judged, overrides)),
                *_entering(current, to),
            ],
            [entry, *overriding(entry, override)],
        )
        return self._store.get(current.name, current.version)

    def reject(self, version: ModelVersion, *, who: str, reason: str) -> ModelVersion:
        """Mark a version so that it cannot be promoted, and take it out of its stage."""
        with self._store.changing():
            current = self._store.get(version.name, version.version)
            if current.status == "rejected":
                return current
            self._store.change(
                f"reject {label(current)}",
                _leaving(current, "rejected"),
                [new_entry("reject", current.name, current.version, who=who, environment=current.stage, reason=reason)],
            )
            return self._store.get(current.name, current.version)

    def rollback(self, name: str, environment: str, *, who: str, reason: str, to: int | None = None,
                 instead_of: int | None = None) -> ModelVersion:  # fmt: skip
        """Put the version back that was in this stage before, ``to`` or the last one.

        Raises NotFoundError, also when ``instead_of`` is no longer the version in this stage.
        """
        with self._store.changing():
            current = self._store.in_stage(name, environment)
            if instead_of is not None and (current is None or current.version != instead_of):
                raise NotFoundError(f"{name} v{instead_of} is no longer in {environment}")
            previous = self.previous(name, environment, to)
            self.verify(previous)
            details = {"retired": None if current is None else current.version}
            self._store.change(
                f"roll {name} back to v{previous.version} in {environment}",
                [
                    *_leaving(current, "retired"),
                    *_tagging(previous, {model_tags.STATUS: "registered"}),
                    *_entering(previous, environment),
                ],
                [new_entry("rollback", name, previous.version, who=who, environment=environment, reason=reason,
                           details=details)],
            )  # fmt: skip
            return self._store.get(name, previous.version)

    def verify(self, version: ModelVersion) -> None:
        """Raises StoreCorruptedError when the model or its evidence is gone or not what was registered."""
        hint = "It is refused for good unless the files come back from a backup; groundplan run makes a new version."
        digests.demand(version.path, version.digest, what=label(version), hint=hint)
        path, digest = self._store.evidence_file(version)
        digests.demand(path, digest, what=f"the evidence of {label(version)}", hint=hint)

    def measured(self, name: str, digest: str) -> Baseline | None:
        """What the evaluation of the model with this digest found that it learned from; None where it found nothing."""
        return baselines.measured(self.layout, name, digest)

    def baseline(self, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
        """What a version learned from; one from before baselines were kept gets one from its run."""
        return baselines.baseline(self.layout, version, run=run, plan=plan)

    def attribution(self, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan) -> Attribution:
        """How much each column matters to a version's answers to these rows, as they were logged."""
        from .evaluation.process import attribute

        return attribute(self.layout, version, rows, plan)

    def describe(self, version: ModelVersion, card: str) -> Path:
        """Keep a version's model card as a file, and show it as MLflow's description."""
        path = self._card(version)
        if not path.exists() or path.read_text(encoding="utf-8") != card:
            self._store.describe(version, card)
            files.write_text(path, card)
        return path

    def card(self, version: ModelVersion) -> str | None:
        """The card as it was kept last."""
        path = self._card(version)
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def remember(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement under a key made of all that decides it."""
        files.write_json(self._judgement(key), asdict(judgement))

    def recall(self, key: str) -> Judgement | None:
        """The judgement kept under a key, if there is one; MLflow is not asked."""
        if not self.layout.tracking_database.exists():
            return None
        try:
            return TypeAdapter(Judgement).validate_python(files.read_json(self._judgement(key)))
        except (FileNotFoundError, StoreCorruptedError, ValidationError):
            return None

    def audit(self, *, who: str, action: str, model: str, version: int | None, environment: str | None,
              reason: str, details: Mapping[str, object]) -> AuditEntry:  # fmt: skip
        """Append one line to the audit log; that of a rollout's step only once."""
        entry = new_entry(cast("Action", action), model, version, who=who, environment=environment, reason=reason,
                          details=details)  # fmt: skip
        with self._store.changing():
            does, transaction = f"log {action} of {model}", transaction_of(details)
            return self._store.change(does, [], [entry], transaction=transaction)[0]

    def audit_log(self) -> Sequence[AuditEntry]:
        """The audit log, oldest first. Raises StoreCorruptedError when a line is missing or was changed."""
        self._store.recover()
        return self._store.log.entries()

    def recover(self) -> str | None:
        """Finish the change that a killed command left in the journal; says which, or None when there was none."""
        return self._store.recover()

    @cached_property
    def _store(self) -> ModelStore:
        return ModelStore(self.layout)

    def _card(self, version: ModelVersion) -> Path:
        return self.layout.registry / "cards" / f"{version.name}-v{version.version}.md"

    def _judgement(self, key: str) -> Path:
        return self.layout.registry / "judgements" / f"{key.rpartition(':')[2]}.json"

    def previous(self, name: str, environment: str, to: int | None = None) -> ModelVersion:
        """The version that a rollback of this stage would put back. Raises NotFoundError when there is none."""
        return stages.previous(self._store.all(name), self._store.log.entries(), name, environment, to)


def _leaving(version: ModelVersion | None, status: str) -> list[Step]:
    if version is None:
        return []
    out: list[Step] = []
    if version.stage is not None:
        out.append({"do": "unalias", "name": version.name, "alias": version.stage})
    return [*out, *_tagging(version, {model_tags.STAGE: "", model_tags.STATUS: status})]


def _entering(version: ModelVersion, environment: str) -> list[Step]:
    alias = {"do": "alias", "name": version.name, "alias": environment, "version": version.version}
    return [*_tagging(version, {model_tags.STAGE: environment}), alias]


def _tagging(version: ModelVersion, tags: Mapping[str, str]) -> list[Step]:
    return [
        {"do": "tag", "name": version.name, "version": version.version, "key": key, "value": value}
        for key, value in tags.items()
    ]
