"""The registry's changes: written into a journal, made in MLflow's store, logged, and finished after a kill."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ....core import extras, locks
from ....core.errors import GroundplanError, StoreCorruptedError
from ....core.layout import Layout
from ... import stages
from ...contract.model import AuditEntry, ModelVersion
from ..tracking import open_store
from . import tags as model_tags
from .audit import AuditLog
from .journal import Intent, Journal

Step = Mapping[str, Any]
"""One write to MLflow's store that may be repeated; ``do`` says which."""


@dataclass(frozen=True)
class ModelStore:
    """MLflow's model registry with changes that are whole or not there; reads finish what a kill left behind."""

    layout: Layout

    @contextmanager
    def changing(self) -> Generator[None]:
        """Hold the registry's own lock while a change is decided and made, after finishing what a kill left behind."""
        with self._locked():
            self._finish()
            yield

    def recover(self) -> str | None:
        """Finish the change that a killed command left in the journal; says which, or None when there was none."""
        if not self.layout.journal.exists():
            return None
        with self._locked():
            return self._finish()

    def change(
        self, does: str, steps: Iterable[Step], entries: Iterable[AuditEntry], *, transaction: str = ""
    ) -> tuple[AuditEntry, ...]:
        """Make one change: its steps, then its lines of the audit log, which come back numbered.

        The lines of a ``transaction`` that has a name are written once, however often it is asked for.
        """
        transaction = transaction or secrets.token_hex(8)
        intent = Intent(transaction=transaction, does=does, steps=tuple(steps), entries=tuple(entries))
        self.log.entries()
        self._journal.write(intent)
        return self._apply(intent)

    def all(self, name: str | None = None) -> list[ModelVersion]:
        """Every version that groundplan registered, of one model or of all, newest first."""
        self.recover()
        if not (self.layout.tracking_database.exists() or self.layout.audit_log.exists()):
            return []
        with self._mapped():
            models = [model for model in _pages(self._client.search_registered_models) if name in (None, model.name)]
            found = [
                model_tags.read(version, model.aliases, self.layout.artifacts)
                for model in models
                for version in self._versions(model.name)
            ]
        return sorted(found, key=lambda version: (version.created, version.name, version.version), reverse=True)

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises NotFoundError."""
        self.recover()
        return stages.found(self.all(name), name, version)

    def in_stage(self, name: str, environment: str) -> ModelVersion | None:
        """The version that is in a stage now."""
        return next((version for version in self.all(name) if version.stage == environment), None)

    def next_number(self, name: str) -> int:
        """The number that a new version gets."""
        with self._mapped():
            versions = _pages(self._client.search_model_versions, filter_string=f"name = '{name}'")
        return max((int(version.version) for version in versions), default=0) + 1

    def evidence_file(self, version: ModelVersion) -> tuple[Any, str]:
        """Where a version's evidence is kept, and the digest it must have."""
        with self._mapped():
            return model_tags.evidence_file(
                self._client.get_model_version(version.name, str(version.version)), self.layout.artifacts
            )

    def describe(self, version: ModelVersion, text: str) -> None:
        """Set the description that MLflow shows."""
        with self._mapped():
            self._client.update_model_version(version.name, str(version.version), description=text)

    @property
    def log(self) -> AuditLog:
        """The audit log."""
        return AuditLog(self.layout.audit_log)

    @property
    def _journal(self) -> Journal:
        return Journal(self.layout.journal)

    @cached_property
    def _client(self) -> Any:
        return open_store(self.layout)

    @contextmanager
    def _locked(self) -> Generator[None]:
        with locks.held(self.layout.registry / "registry.lock", command="a change of the model registry"):
            yield

    def _finish(self) -> str | None:
        intent = self._journal.read()
        if intent is None:
            return None
        self._apply(intent)
        return intent.does

    def _apply(self, intent: Intent) -> tuple[AuditEntry, ...]:
        with self._mapped():
            for step in intent.steps:
                self._do(step)
        written = self.log.append(intent.transaction, intent.entries)
        self._journal.clear()
        return written

    def _do(self, step: Step) -> None:
        name = step["name"]
        match step["do"]:
            case "create":
                self._create(name, step)
            case "tag":
                self._client.set_model_version_tag(name, str(step["version"]), step["key"], step["value"])
            case "alias":
                self._client.set_registered_model_alias(name, step["alias"], str(step["version"]))
            case "unalias":
                self._client.delete_registered_model_alias(name, step["alias"])
            case other:
                raise StoreCorruptedError(
                    f"the journal holds an unknown step {other!r}", where=str(self.layout.journal)
                )

    def _create(self, name: str, step: Step) -> None:
        if not any(model.name == name for model in _pages(self._client.search_registered_models)):
            self._client.create_registered_model(name)
        digest = step["tags"][model_tags.DIGEST]
        if any(version.tags[model_tags.DIGEST] == digest for version in self._versions(name)):
            return
        self._client.create_model_version(name, step["source"], run_id=step["run"] or None, tags=dict(step["tags"]))

    def _versions(self, name: str) -> list[Any]:
        found = _pages(self._client.search_model_versions, filter_string=f"name = '{name}'")
        return [version for version in found if model_tags.is_ours(version)]

    @contextmanager
    def _mapped(self) -> Generator[None]:
        try:
            yield
        except extras.load("mlflow.exceptions").MlflowException as error:
            raise GroundplanError(
                f"MLflow's registry refused: {str(error).splitlines()[0]}",
                where=str(self.layout.tracking_database),
                hint="When the cause is gone, run the command again; it finishes what was begun.",
            ) from error


def _pages(search: Any, **arguments: Any) -> Sequence[Any]:
    found: list[Any] = []
    token: str | None = None
    while True:
        page = search(page_token=token, **arguments)
        found.extend(page)
        token = page.token
        if not token:
            return found
