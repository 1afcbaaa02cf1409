"""A cloud's own monitors of the versions that serve, and what they found: read back into groundplan's report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .monitoring import Baseline, MonitorCheck, MonitorPlan, Window

CLOUDS: Mapping[str, str] = {"azureml": "Azure ML", "vertex": "Vertex AI"}
"""What people call the source of a check."""


@dataclass(frozen=True, kw_only=True)
class LabelledAnswer:
    """What a version answered to a row, and what turned out to be true of it; ``when`` that label came, RFC 3339."""

    request_id: str
    row: int
    answer: object
    label: str | float | int | bool
    when: str


@dataclass(frozen=True, kw_only=True)
class ManagedWatch:
    """What a cloud's own monitor is told to watch: one version at one endpoint.

    ``endpoint`` is the cloud's id. ``baseline`` names the columns and which of them are numbers; ``training`` is where
    the cloud holds the data that the version learned from, the file as ``Jobs.place`` gives it, and ``target`` the
    column in it that was predicted. ``training`` is empty where the pipeline does not say what the model learned from,
    and where the run is gone. It may be of another environment's workspace or project than the endpoint: a model is
    trained in the first environment and promoted from there.

    Azure ML: ``azureml://subscriptions/S/resourcegroups/G/workspaces/W/datastores/D/paths/…/data.csv``; the workspace
    is always named, and the file is alone in its folder. Vertex AI: ``gs://BUCKET/…/data.csv``. Both are CSV with a
    header, in which the features are among other columns.

    ``labelled`` reads the answers of the version whose labels came in the last two windows and two days.
    """

    endpoint: str
    version: int
    plan: MonitorPlan
    baseline: Baseline
    training: str = ""
    target: str = ""
    labelled: Callable[[], Sequence[LabelledAnswer]] = field(default=tuple[LabelledAnswer, ...], compare=False)


@dataclass(frozen=True, kw_only=True)
class ManagedFindings:
    """What a cloud's own monitor said of a version.

    ``checks`` name the cloud as their ``source``; ``notes`` say in words what could not be read, and what is still
    under way.
    """

    checks: tuple[MonitorCheck, ...] = ()
    notes: tuple[str, ...] = ()


class ManagedMonitors(Protocol):
    """The cloud's own monitors of an environment; each is named by its endpoint and version, so none is made twice.

    What is raised becomes a note in the report, with its hint: it names the role that lacks and who can grant it.
    """

    def ensure(self, watch: ManagedWatch) -> tuple[str, ...]:
        """Make the version's monitor, or change it to what it is told now; what cannot be watched, in words.

        Asks only, where the monitor is so already. Raises as every adapter does.
        """
        ...

    def remove(self, endpoint: str, keep: Collection[int]) -> tuple[int, ...]:
        """Delete the monitors of this endpoint's other versions; the versions whose monitors were there.

        Also of an endpoint that is gone, and before its versions are taken off. Raises as every adapter does.
        """
        ...

    def findings(self, watch: ManagedWatch, window: Window) -> ManagedFindings:
        """What the newest of the monitor's runs found that ended within the window; nothing where none did.

        What ended is read and never what runs, so that the same window always has the same findings. Figures in a
        form that is not the known one are a note, never a check. Asked also for a version whose monitor is gone.
        """
        ...

    def pinned(self, endpoint: str, window: Window, *, min_rows: int) -> ManagedFindings:
        """The same, of the monitor that ``up`` makes for a model that the config pins; a note where it makes none."""
        ...
