"""Runs a stack program in this process, without an engine, and gives back what it would register."""

from __future__ import annotations

import asyncio
import contextvars
import re
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.settings import Settings, configure
from pulumi.runtime.stack import run_in_stack

from ...core.errors import GroundplanError, ResourceFailedError
from ...modules.contract.context import AfterUp
from ..config import secrets
from .monitor import LookUpError, Monitor
from .observing import Observer, Seen

Program = Callable[[], None]

_PROCESSING = re.compile(r"While processing resource: '(?P<name>[^']*)', type:? '(?P<type>[^']*)'")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What a program registered: pulumi's own requests by URN, in no order that would be the same every time."""

    requests: list[tuple[str, Any]]
    references: list[tuple[str, Any]]
    outputs: Any
    seen: dict[str, Seen]
    steps: tuple[AfterUp, ...]


def record(program: Program, *, project: str, stack: str) -> Recording:
    """Run ``program`` as pulumi does in a preview, and keep what it registers.

    Pulumi's settings are of one context, and each run has a context and an event loop of its own: a run that fails
    leaves nothing behind. Raises what the program raises when it is an error of groundplan's, else
    ResourceFailedError that names the resource.
    """
    observer = Observer(project=project, stack=stack)
    monitor = Monitor(project=project, stack=stack)

    own: list[BaseException] = []

    def whole() -> None:
        pulumi.runtime.register_stack_transformation(observer.transformation)
        try:
            program()
        except BaseException as error:
            own.append(error)
            raise

    async def run() -> None:
        configure(
            Settings(project=project, stack=stack, monitor=monitor, engine=_Silence(), dry_run=True, organization="")
        )
        await run_in_stack(whole)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # an SDK warns of all its old names when it is imported
            _in_its_own_loop(run)
    except GroundplanError:
        raise
    except (Exception, SystemExit) as error:
        raise _explained(error, stack=stack, last=observer.last, own=error in own) from error
    return Recording(
        requests=monitor.requests,
        references=monitor.references,
        outputs=monitor.outputs,
        seen=observer.seen,
        steps=observer.steps(),
    )


def _in_its_own_loop(run: Callable[[], Any]) -> None:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_AtOnce())
    loop.set_exception_handler(lambda _loop, _context: None)  # what failed is raised; the rest are its echoes
    try:
        contextvars.Context().run(lambda: loop.run_until_complete(run()))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class _AtOnce(ThreadPoolExecutor):
    """Does each call where it is made: the monitor answers at once, and a thread would not know pulumi's settings."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The call, done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 raised again by whoever waits for the future
            future.set_exception(error)
        return future


class _Silence:
    """Pulumi's engine as far as a program talks to it; without one, pulumi prints what it has to say."""

    def Log(self, request: Any) -> None:  # noqa: N802 pulumi's interface
        """One message."""


def _explained(error: BaseException, *, stack: str, last: str, own: bool) -> GroundplanError:
    """What went wrong, with the resource; ``own`` says that the program itself raised it, not an input worked out."""
    text = str(error)
    found = _PROCESSING.search(text)
    name, kind = (found["name"], found["type"]) if found else _name_and_type(last)
    subject = f"{name} ({kind})" if name else f"the stack {stack}"
    if isinstance(error, LookUpError) or isinstance(error.__cause__, LookUpError):
        what = f"it asks for live data ({text}), which a plan has no access to"
    else:
        what = f"{type(error).__name__}: {_reason(text, quoted=own)}"
    when = "is planned" if found or not name else "was the last to be planned"
    return ResourceFailedError(
        f"the program of stack {stack} fails where {subject} {when}: {what}",
        where=name,
        hint="Look at overrides for it first; without any, this is a bug in groundplan: please report it.",
    )


def _reason(text: str, *, quoted: bool) -> str:
    """The last line, which is the program's own; those before are pulumi's and repeat the inputs.

    What fails while inputs are worked out may quote one that is a secret: then nothing quoted is shown.
    """
    line = re.sub(r"^(?:\w+ has risen: )+", "", text.strip().splitlines()[-1] if text.strip() else "")
    if not quoted:
        line = re.sub(r"""(['"]).*\1""", secrets.MASK, line)
    return secrets.masked(line)[:300]


def _name_and_type(urn: str) -> tuple[str, str]:
    if not urn:
        return "", ""
    *_, chain, name = urn.split("::")
    return name, chain.split("$")[-1]
