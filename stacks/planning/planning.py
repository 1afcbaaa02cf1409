"""Plans stacks of a config: each program is run offline, its resources are checked, its secrets taken out."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from ...core.errors import ConfigError, Problem
from .. import overriding
from ..causes import Places
from ..config.resolved import Resolved
from ..platforms import module, unsupported
from ..program import program
from . import rules
from .drafting import drafted, exports
from .plan import Plan
from .recording import Recording, record
from .redaction import redacted
from .validation.checking import Draft, in_order, refused, unset_references, unused_overrides


def plans(configs: Mapping[str, Resolved], stacks: Sequence[str]) -> tuple[Plan, ...]:
    """The plans of these stacks, in this order; ``configs`` holds the config of every stack.

    Raises ConfigError with everything that the cloud would refuse in any of them, and what ``record`` raises.
    """
    problems: list[Problem] = []
    with _without_collector():
        recordings = _recordings(configs, stacks, problems)
        drafts = [_draft(configs[stack], stack, made) for stack, made in recordings.items()]
        problems += refused(drafts, rules.of_platform(_platform(configs)))
        if len(drafts) == len(stacks):
            problems += _unused_overrides(configs, drafts)
        if problems:
            raise ConfigError.of(in_order(problems))
        return tuple(_plan(draft, recordings[draft.stack]) for draft in drafts)


@contextmanager
def _without_collector() -> Generator[None]:
    """Let what is made live until the end, as it does anyway: looking through it again and again took a third."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _platform(configs: Mapping[str, Resolved]) -> str:
    return next(iter(configs.values())).config.platform


def _recordings(
    configs: Mapping[str, Resolved], stacks: Iterable[str], problems: list[Problem]
) -> dict[str, Recording]:
    """What the programs of these stacks make, without those that the config keeps from running."""
    found = {stack: _record(configs, stack, problems) for stack in stacks}
    return {stack: made for stack, made in found.items() if made is not None}


def _record(configs: Mapping[str, Resolved], stack: str, problems: list[Problem]) -> Recording | None:
    """What a stack's program makes; None when it is the config that keeps it from running, which is noted.

    A secret that is not set is noted too, and the program run without it.
    """
    config = configs[stack]
    if unset := unset_references(config):
        problems += unset
        overrides = overriding.without_references(config.config.overrides)
        config = replace(config, config=config.config.model_copy(update={"overrides": overrides}))
        configs = {**configs, stack: config}
    try:
        return record(program(configs, stack), project=config.config.project, stack=stack)
    except ConfigError as error:
        places = Places(config)
        problems += [replace(one, where=_line(one.where, places)) for one in error.problems]
        return None


def _line(where: str, places: Places) -> str:
    """An override names its path; the config says where that is."""
    return places.of(where) if where.startswith("overrides.") else where


def _draft(config: Resolved, stack: str, recording: Recording) -> Draft:
    return Draft(
        config=config,
        stack=stack,
        resources=drafted(recording, Places(config)),
        kinds={urn: seen.kind for urn, seen in recording.seen.items()},
    )


def _unused_overrides(configs: Mapping[str, Resolved], drafts: Sequence[Draft]) -> list[Problem]:
    """A name that these stacks do not have may be one of another stack; only then the others are looked at too."""
    unused = unused_overrides(drafts)
    if not unused:
        return []
    planned = {draft.stack for draft in drafts}
    problems: list[Problem] = []
    others = _recordings(configs, [name for name in configs if name not in planned], problems)
    if len(planned) + len(others) < len(configs):
        return problems
    more = [_draft(configs[name], name, made) for name, made in others.items()]
    return [*problems, *unused_overrides([*drafts, *more])]


def _plan(draft: Draft, recording: Recording) -> Plan:
    platform = draft.config.config.platform
    resources, outputs = redacted(draft.resources, exports(recording))
    return Plan(
        project=draft.config.config.project,
        stack=draft.stack,
        platform=platform,
        resources=resources,
        outputs=outputs,
        steps=recording.steps,
        grants=module(platform, "grants").grants(resources),
        quota=module(platform, "quota").quota(resources),
        unsupported=dict(unsupported(platform)),
    )
