"""The model registry over a cloud's: the cloud keeps the folders, a ledger of records says what they are to us."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, cast

from pydantic import TypeAdapter, ValidationError

from ...core import clock, digests, files
from ...core.errors import GroundplanError, NotFoundError
from .. import stages
from ..contract.evidence import Comparison, Evidence, Verdict
from ..contract.model import Action, AuditEntry, Judgement, Lineage, ModelPlan, ModelVersion, Override
from ..contract.monitoring import Attribution, Baseline
from ..contract.pipeline import StepInput
from ..contract.records import Records
from ..contract.registry import Registry
from ..contract.rubric import ChampionRule
from ..contract.run import Run
from ..stages import demand_as_read, label, new_entry, overriding, promotion_details, transaction_of
from . import together
from .audit import RecordedAudit
from .documents import Document, adapter, put
from .evidence import RecordedEvidence
from .folders import HINT, FetchedFolders
from .kept import KeptVersion
from .ledger import Ledgers
from .unread import UnreadVersion

_JUDGEMENT = TypeAdapter(Judgement)
_OVERRIDDEN = "failed, overridden"
"""What the cloud's pages say of a version without a passed gate: nothing else is registered."""
_BASELINE = adapter(Baseline)


class Measuring(Protocol):
    """What is measured on the machine of the command, over folders that were fetched; as the Models Protocol says."""

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        """Measure a run's model on its held-out data."""
        ...

    def compare(
        self, challenger: ModelVersion, champion: ModelVersion, *, run: Run, plan: ModelPlan, rule: ChampionRule
    ) -> Comparison:
        """Challenger against champion on the held-out rows of the challenger's run."""
        ...

    def measured(self, name: str, digest: str) -> Baseline | None:
        """What the evaluation of the model with this digest found that it learned from; None where it found nothing."""
        ...

    def baseline(self, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
        """What a version learned from, beside its ``path`` or from its run."""
        ...

    def attribution(self, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan) -> Attribution:
        """How much each column matters to a version's answers to these rows."""
        ...


class RecordedModels:
    """Implements the lifecycle's Models Protocol.

    A change is one conditional write of the model's ledger, which names what follows from it; whichever command comes
    next finishes what a kill cut short. ``folder`` is this machine's, for what was fetched; ``fetched`` brings the
    outputs of a run there that are measured.
    """

    def __init__(
        self,
        records: Records,
        registry: Registry,
        *,
        measuring: Measuring,
        fetched: Callable[[Run, Sequence[StepInput]], Run],
        folder: Path,
    ) -> None:
        """Nothing is read yet."""
        self._records = records
        self._registry = registry
        self._measuring = measuring
        self._fetched = fetched
        self._folder = folder
        self._log = RecordedAudit(records)
        self._ledgers = Ledgers(records=records, registry=registry, audit=self._log)
        self._evidence = RecordedEvidence(records=records, folder=folder)
        self.folders = FetchedFolders(registry=registry, folder=folder)

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        """Measure a run's model on its held-out data, or give the fresh evidence that is there."""
        return self._measuring.evaluate(self._fetched(run, plan.outputs), plan)

    def compare(
        self, challenger: ModelVersion, champion: ModelVersion, *, run: Run, plan: ModelPlan, rule: ChampionRule
    ) -> Comparison:
        """Challenger against champion on the held-out rows of the challenger's run. Raises NotFoundError."""
        if challenger.version:  # 0 is a run's model, which was fetched to be evaluated
            challenger = self._here(challenger)
        run = self._fetched(run, (plan.test_output,))
        return self._measuring.compare(challenger, self._here(champion), run=run, plan=plan, rule=rule)

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
        opened = self._ledgers.open(name)
        for known in opened.versions:
            if known.digest == digest:
                return self._version(name, known)
        digests.demand(source, digest, what="the model", hint="Run the pipeline again: groundplan run.")
        registered = self._registry.register(name, source, digest=digest, labels={"run": lineage.run_id})
        measured = self._measuring.measured(name, digest)
        if measured is not None:
            self._keep_baseline(name, digest, measured)
        kept = self._evidence.keep(evidence, verdict)
        version = KeptVersion(
            version=registered.version,
            digest=digest,
            created=clock.to_text(clock.now()),
            lineage=lineage,
            evidence=kept,
            gate=_gate(verdict),
            overrides=() if override is None else (override,),
            trusted_types=tuple(trusted_types),
            size_bytes=sum((source / file).stat().st_size for file in digests.names_below(source)),
        )
        entry = new_entry("register", name, version.version, who=who,
                          details={"digest": digest, "run": lineage.run_id, "evidence": kept})  # fmt: skip
        does = f"register {name} v{version.version}"
        self._ledgers.change(opened, [version], does, [entry, *overriding(entry, override)])
        return self._version(name, version)

    def list(self, name: str | None = None) -> Sequence[ModelVersion]:
        """All versions, of one model or of all, newest first; the evidence of each is read once it is asked for."""
        names = self._ledgers.names() if name is None else [name]
        known = zip(names, together.each(self._ledgers.versions, names), strict=True)
        found = [self._version(one, kept) for one, versions in known for kept in versions]
        return sorted(found, key=lambda version: (version.created, version.name, version.version), reverse=True)

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises NotFoundError."""
        return stages.found(self.list(name), name, version)

    def move(self, version: ModelVersion, *, to: str, who: str, reason: str, evidence: Evidence | None,
             verdict: Verdict | None, override: Override | None,
             approved_by: Sequence[str]) -> ModelVersion:  # fmt: skip
        """Put a version into a stage, retiring the one that was there: all or nothing, even when killed.

        Raises PolicyError when the version was moved or rejected since it was read, LockedError while it is.
        """
        opened = self._ledgers.open(version.name)
        kept = _kept(opened.versions, version.version)
        current = self._version(version.name, kept)
        if current.stage == to and evidence in (None, current.evidence):
            return current
        demand_as_read(current, version)
        self._registry.share(version.name, version.version, to)
        judged = verdict or current.verdict
        digest = self._evidence.keep(evidence or current.evidence, judged)
        there = next((one for one in opened.versions if one.stage == to and one != kept), None)
        after = replace(
            kept, stage=to, status="registered", evidence=digest, gate=_gate(judged),
            overrides=(*kept.overrides, *(() if override is None else (override,))),
        )  # fmt: skip
        retired = None if there is None else self._version(version.name, there)
        details = promotion_details(current, retired, evidence=digest, approved_by=approved_by)
        entry = new_entry("promote", current.name, current.version, who=who, environment=to, reason=reason,
                          details=details)  # fmt: skip
        changed = [after, *([] if there is None else [replace(there, stage=None, status="retired")])]
        does = f"promote {label(current)} to {to}"
        self._ledgers.change(opened, changed, does, [entry, *overriding(entry, override)])
        return self._version(version.name, after)

    def reject(self, version: ModelVersion, *, who: str, reason: str) -> ModelVersion:
        """Mark a version so that it cannot be promoted, and take it out of its stage."""
        opened = self._ledgers.open(version.name)
        kept = _kept(opened.versions, version.version)
        if kept.status == "rejected":
            return self._version(version.name, kept)
        after = replace(kept, stage=None, status="rejected")
        entry = new_entry("reject", version.name, kept.version, who=who, environment=kept.stage, reason=reason)
        self._ledgers.change(opened, [after], f"reject {label(version)}", [entry])
        return self._version(version.name, after)

    def previous(self, name: str, environment: str, to: int | None = None) -> ModelVersion:
        """The version that a rollback of this stage would put back. Raises NotFoundError when there is none."""
        return stages.previous(self.list(name), self.audit_log(), name, environment, to)

    def rollback(self, name: str, environment: str, *, who: str, reason: str, to: int | None = None,
                 instead_of: int | None = None) -> ModelVersion:  # fmt: skip
        """Put the version back that was in this stage before, ``to`` or the last one.

        Raises NotFoundError, also when ``instead_of`` is no longer the version in this stage.
        """
        opened = self._ledgers.open(name)
        versions = [self._version(name, one) for one in opened.versions]
        back = stages.previous(versions, self._log.entries(), name, environment, to)
        self.verify(back)
        there = next((one for one in opened.versions if one.stage == environment), None)
        if instead_of is not None and (there is None or there.version != instead_of):
            raise NotFoundError(f"{name} v{instead_of} is no longer in {environment}")
        after = replace(_kept(opened.versions, back.version), stage=environment, status="registered")
        entry = new_entry("rollback", name, back.version, who=who, environment=environment, reason=reason,
                          details={"retired": None if there is None else there.version})  # fmt: skip
        changed = [after, *([] if there is None else [replace(there, stage=None, status="retired")])]
        self._ledgers.change(opened, changed, f"roll {name} back to v{back.version} in {environment}", [entry])
        return self._version(name, after)

    def verify(self, version: ModelVersion) -> None:
        """Raises StoreCorruptedError when the model or its evidence is gone or not what was registered.

        The folder is fetched anew, unless that was just done: what the cloud has now is what is looked at.
        """
        self.folders.fetch(version)
        digest = _kept(self._ledgers.versions(version.name), version.version).evidence
        self._evidence.demand(digest, what=f"the evidence of {label(version)}", hint=HINT)

    def baseline(self, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
        """What a version learned from, on record or made from its run. Raises NotFoundError."""
        kept = self.kept_baseline(version)
        if kept is None:
            kept = self._made_baseline(version, run, plan)
        elif plan.attribution and kept.attribution is None and run is not None:
            with contextlib.suppress(GroundplanError):  # what is on record holds, also without attributions
                kept = self._made_baseline(version, run, plan)
        return kept

    def _made_baseline(self, version: ModelVersion, run: Run | None, plan: ModelPlan) -> Baseline:
        beside = self._folder / _baseline(version.name, version.digest) / "model"
        here = None if run is None else self._fetched(run, plan.outputs)
        made = self._measuring.baseline(replace(version, path=beside), run=here, plan=plan)
        self._keep_baseline(version.name, version.digest, made)
        return made

    def attribution(self, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan) -> Attribution:
        """How much each column matters to a version's answers to these rows; its folder is fetched unless here."""
        return self._measuring.attribution(self._here(version), rows, plan)

    def kept_baseline(self, version: ModelVersion) -> Baseline | None:
        """What is on record of what a version learned from. Raises StoreCorruptedError."""
        document: Document[Baseline] = Document(
            records=self._records, name=_baseline(version.name, version.digest), kind=_BASELINE, what="a baseline"
        )
        found = document.read().value
        return None if found is None else found.of_version(version)

    def _keep_baseline(self, name: str, digest: str, baseline: Baseline) -> None:
        put(self._records, _baseline(name, digest), _BASELINE.dump_json(baseline).decode())

    def describe(self, version: ModelVersion, card: str) -> Path:
        """Keep a version's model card as a record, and as a file of this machine."""
        put(self._records, _card(version), card)
        path = self._folder / _card(version)
        files.write_text(path, card)
        return path

    def card(self, version: ModelVersion) -> str | None:
        """The card as it was kept last."""
        record = self._records.read(_card(version))
        return None if record is None else record.text

    def remember(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement under a key made of all that decides it."""
        put(self._records, _remembered(key), _JUDGEMENT.dump_json(judgement).decode())

    def recall(self, key: str) -> Judgement | None:
        """The judgement kept under a key, if there is one."""
        record = self._records.read(_remembered(key))
        try:
            return None if record is None else _JUDGEMENT.validate_json(record.text)
        except ValidationError:
            return None

    def audit(self, *, who: str, action: str, model: str, version: int | None, environment: str | None,
              reason: str, details: Mapping[str, object]) -> AuditEntry:  # fmt: skip
        """Append one line to the audit log; that of a rollout's step only once, whoever else writes it."""
        entry = new_entry(cast("Action", action), model, version, who=who, environment=environment, reason=reason,
                          details=details)  # fmt: skip
        return self._log.append(transaction_of(details), [entry])[0]

    def audit_log(self) -> Sequence[AuditEntry]:
        """The audit log, oldest first. Raises StoreCorruptedError when a line is missing or was changed."""
        self.recover()
        return self._log.entries()

    def recover(self) -> str | None:
        """Finish the change that a killed command left behind; says which, or None when there was none."""
        names = self._ledgers.names()
        left = zip(names, together.each(self._ledgers.is_left, names), strict=True)
        finished = [self._ledgers.finish(name) for name, is_left in left if is_left]
        return "; ".join(one for one in finished if one is not None) or None

    def _version(self, name: str, kept: KeptVersion) -> ModelVersion:
        version = ModelVersion(
            name=name,
            version=kept.version,
            stage=kept.stage,
            status=kept.status,
            digest=kept.digest,
            path=self.folders.path(name, kept.version),
            created=kept.created,
            lineage=kept.lineage,
            overrides=kept.overrides,
            trusted_types=kept.trusted_types,
            size_bytes=kept.size_bytes,
        )
        gate = kept.gate.replace(_OVERRIDDEN, "OVERRIDDEN")
        return UnreadVersion.of(version, gate, partial(self._evidence.read, kept.evidence))

    def _here(self, version: ModelVersion) -> ModelVersion:
        return replace(version, path=self.folders.there(version))


def _kept(versions: Sequence[KeptVersion], number: int) -> KeptVersion:
    """Raises NotFoundError."""
    for one in versions:
        if one.version == number:
            return one
    raise NotFoundError(f"no version {number} is registered", hint="groundplan models list shows what there is.")


def _gate(verdict: Verdict | None) -> str:
    """The verdict in a word, for the cloud's pages."""
    if verdict is None:
        return ""
    return f"{'passed' if verdict.passed else _OVERRIDDEN} ({verdict.environment})"


def _card(version: ModelVersion) -> str:
    return f"cards/{version.name}-v{version.version}.md"


def _baseline(name: str, digest: str) -> str:
    return f"baselines/{name}/{digest.rpartition(':')[2]}.json"


def _remembered(key: str) -> str:
    return f"judgements/{key.rpartition(':')[2]}.json"
