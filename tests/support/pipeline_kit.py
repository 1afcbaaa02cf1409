"""What the tests of runs share: pipelines of small real steps, and a project folder to run them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepInput
from groundplan.lifecycle.contract.run import Notice, Run, RunRequest, StepEvent
from groundplan.lifecycle.local.runs import LocalRuns


def step(
    name: str,
    code: str = "pass",
    *,
    arguments: tuple[str, ...] = (),
    reads: Mapping[str, str] | None = None,
    **changes: Any,
) -> Step:
    """A step that runs this Python; ``reads`` maps inputs to ``step.output`` or ``data.source``. No code paths."""
    inputs = {port: _source(reference) for port, reference in (reads or {}).items()}
    made = Step(name=name, command=("python", "-c", code, *arguments), inputs=inputs)
    return replace(made, **changes)


def writing(name: str, text: str = "a,b\n1,2\n", **changes: Any) -> Step:
    """A step that writes the dataset ``out`` and adds a line to ``ran.txt``, by which tests count."""
    code = f"import sys; open('ran.txt', 'a').write('{name}\\n'); open(sys.argv[1], 'w').write({text!r})"
    return step(name, code, arguments=("{outputs.out}",), outputs={"out": "dataset"}, **changes)


def copying(name: str, source: str, **changes: Any) -> Step:
    """A step that reads ``source`` and writes it again as its dataset ``out``, with a line more."""
    code = (
        f"import sys; open('ran.txt', 'a').write('{name}\\n'); "
        f"open(sys.argv[2], 'w').write(open(sys.argv[1]).read() + '{len(name)},0\\n')"
    )
    arguments = ("{inputs.data}", "{outputs.out}")
    return step(name, code, arguments=arguments, reads={"data": source}, outputs={"out": "dataset"}, **changes)


def _source(reference: str) -> DataInput | StepInput:
    owner, _, port = reference.partition(".")
    return DataInput(source=port) if owner == "data" else StepInput(step=owner, output=port)


DIAMOND = (writing("a"), copying("b", "a.out"), copying("cc", "a.out"), copying("ddd", "b.out", after=("cc",)))
"""Four steps: b and cc read what a wrote, ddd reads what b wrote and waits for cc."""


def pipeline(*steps: Step, sources: Mapping[str, DataSource] | None = None) -> Pipeline:
    """A pipeline of these steps."""
    return Pipeline(name="train", steps={one.name: one for one in steps}, sources=sources or {})


@dataclass
class Project:
    """A project folder, its runs, and what the observer was told."""

    root: Path
    notices: list[str] = field(default_factory=list[str])
    events: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def runs(self) -> LocalRuns:
        return LocalRuns(Layout(self.root))

    def run(self, *steps: Step, **changes: Any) -> Run:
        """Run a pipeline of these steps."""
        self.notices.clear()
        self.events.clear()
        sources = changes.pop("sources", None)
        request = RunRequest(
            root=self.root,
            pipeline=pipeline(*steps, sources=sources),
            environment="dev",
            config_digest="sha256:0",
            user="test",
            jobs=2,
        )
        return self.runs.run(replace(request, **changes), self.observe)

    def observe(self, event: StepEvent | Notice) -> None:
        if isinstance(event, Notice):
            self.notices.append(event.text)
        else:
            self.events.append((event.step.name, event.step.status))

    def ran(self) -> list[str]:
        """The names that steps wrote into ran.txt, which is emptied."""
        path = self.root / "ran.txt"
        names = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return names


def statuses(run: Run) -> dict[str, str]:
    """The status of each step."""
    return {name: one.status for name, one in run.steps.items()}
