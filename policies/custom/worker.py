"""What happens in the process of custom rules: a request is a line that comes in, its answers are lines that go out.

The rules see neither: their standard input, output and errors are the null device.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, cast
from zlib import crc32

from ...core.errors import GroundplanError, Problem, UsageError
from ..catalogue import rule_of
from ..checking import ask, failed_to_run
from ..config import ProjectConfig
from ..graph import Graph
from ..outcome import Outcome
from ..resource import Resource
from ..rule import Facts, Rule
from . import encoding, metadata

_MOST_OUTCOMES = 1000
_GRACE_SECONDS = 5
"""How long after its limit the process ends itself, should nobody be there to end it."""


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers = _apart()
    memory = int(sys.argv[1])
    _limit(memory)
    sys.dont_write_bytecode = True
    worker = _Worker(requests, memory)
    _say(answers, {"done": True})
    for line in requests:
        request = encoding.message(line)
        _alarm(int(request.get("seconds", 0)))
        for answer in worker.answers(request):
            _say(answers, answer)
        _alarm(0)
        if request.get("seconds"):
            _say(answers, {"done": True})


class _Worker:
    """Rules, resources and configs that were sent so far."""

    def __init__(self, requests: BinaryIO, memory: int) -> None:
        self._requests = requests
        self._memory = memory
        self._rules: dict[str, Rule] = {}
        self._configs: list[ProjectConfig] = []
        self._graph = Graph(())
        self._tasks: dict[str, Callable[[dict[str, Any]], Iterator[dict[str, object]]]] = {
            "load": self._load,
            "graph": self._take_graph,
            "config": self._take_config,
            "judge": self._judge,
        }

    def answers(self, request: dict[str, Any]) -> Iterator[dict[str, object]]:
        """The answers to a request, each as soon as it is there."""
        return self._tasks[request["do"]](request)

    def _load(self, request: dict[str, Any]) -> Iterator[dict[str, object]]:
        try:
            rule = _loaded(request)
            found = metadata.encoded(rule)
            encoding.line(found)
        except BaseException as error:  # noqa: BLE001 a file of anybody's may raise anything, SystemExit too
            problem = _problem(error, request)
            yield {"problem": {"message": problem.message, "where": problem.where, "hint": problem.hint}}
        else:
            self._rules[rule.id] = rule
            yield {"rule": found}

    def _take_graph(self, request: dict[str, Any]) -> Iterator[dict[str, object]]:
        lines = (self._requests.readline() for _ in range(request["count"]))
        self._graph = Graph(Resource(**encoding.message(line)) for line in lines)
        yield from ()

    def _take_config(self, request: dict[str, Any]) -> Iterator[dict[str, object]]:
        self._configs.append(encoding.as_config(request["config"]))
        yield from ()

    def _judge(self, request: dict[str, Any]) -> Iterator[dict[str, object]]:
        rule: Rule = self._rules[request["rule"]]
        key: int | None = request["config"]
        facts = Facts(
            graph=self._graph,
            settings=encoding.as_settings(request["settings"]),
            config=None if key is None else self._configs[-1 - key],
            today=request["today"],
        )
        places: list[int] = request["targets"]
        for place in places:
            target = self._configs[-1 - place] if place < 0 else self._graph.resources[place]
            outcomes = self._asked(rule, target, facts)
            yield {"outcomes": [encoding.outcome(one) for one in outcomes[:_MOST_OUTCOMES]]}

    def _asked(self, rule: Rule, target: Resource | ProjectConfig, facts: Facts) -> Sequence[Outcome]:
        try:
            outcomes = ask(rule, target, facts)
        except BaseException as error:  # noqa: BLE001 sys.exit and the like
            return [failed_to_run(f"it raised {type(error).__name__}")]
        if not all(isinstance(one, Outcome) for one in cast("Sequence[object]", outcomes)):
            return [failed_to_run("what it says is no outcome")]
        if any(one.found.startswith("MemoryError:") for one in outcomes):
            return [failed_to_run(f"it needed more than {self._memory >> 20} MB of memory")]
        return outcomes


def _loaded(request: dict[str, Any]) -> Rule:
    """The rule of a file. Raises whatever the file raises, and UsageError that says what is wrong with it."""
    name = request["module"]
    if request["folder"]:
        name = f"{_package(request['folder'])}.{name}"
    module = importlib.import_module(name)
    rule: object = getattr(module, "RULE", None)
    if isinstance(rule, Rule):
        wrong = metadata.wrong_kinds(rule)
        if wrong:
            raise UsageError(
                f"the rule cannot be used: {'; '.join(wrong)}",
                where=str(module.__file__),
                hint="groundplan policies new shows the form.",
            )
    return rule_of(module, origin=request["origin"])


def _package(folder: str) -> str:
    """A package whose modules are the folder's files, so that they can import one another relatively."""
    name = f"groundplan_rules_{crc32(folder.encode()):x}"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [folder]
        sys.modules[name] = package
    return name


def _problem(error: BaseException, request: dict[str, Any]) -> Problem:
    place = request["place"]
    if isinstance(error, GroundplanError):
        return Problem(message=error.message, where=place, hint=error.hint)
    if isinstance(error, SyntaxError) and error.filename:
        where = place if Path(error.filename).name == Path(place).name else error.filename
        return Problem(
            message=f"the rule is no Python: {error.msg}", where=f"{where}:{error.lineno}", hint="Put it right."
        )
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if Path(one.filename) == _path(request)]
    text = " ".join(str(error).split())[:300]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Problem(
        message=f"the rule cannot be loaded: {what}",
        where=f"{place}:{lines[-1]}" if lines else place,
        hint="Loading a rule must do nothing but define it.",
    )


def _path(request: dict[str, Any]) -> Path:
    return Path(request["folder"]) / f"{request['module']}.py"


def _apart() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to whoever asks, where no rule finds them."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    return requests, answers


def _limit(memory: int) -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # where the system knows no such limit
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _alarm(seconds: int) -> None:
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(seconds + _GRACE_SECONDS if seconds else 0)


def _say(answers: BinaryIO, message: dict[str, object]) -> None:
    answers.write(encoding.line(message))
    answers.flush()
