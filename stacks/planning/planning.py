"""Plans stacks of a config: each program is run offline, its resources are checked, its secrets taken out."""

from __future__ import annotations

import gc
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from ...core.errors import ConfigError
from ..causes import Places
from ..config.resolved import Resolved
from ..platforms import module, unsupported
from ..program import program
from . import rules
from .drafting import drafted, exports
from .plan import Plan
from .recording import Recording, record
from .redaction import redacted
from .validation.checking import Draft, check, check_references, unused_overrides


def plans(configs: Mapping[str, Resolved], stacks: Sequence[str]) -> tuple[Plan, ...]:
    """The plans of these stacks, in this order; ``configs`` holds the config of every stack.

    Raises ConfigError with everything that the cloud would refuse in any of them, and what ``record`` raises.
    """
    check_references([configs[stack] for stack in stacks])
    with _without_collector():
        recordings = {stack: _record(configs, stack) for stack in stacks}
        drafts = [_draft(configs[stack], stack, recording) for stack, recording in recordings.items()]
        check(drafts, rules.of_platform(_platform(configs)))
        _check_overrides(configs, drafts)
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


def _record(configs: Mapping[str, Resolved], stack: str) -> Recording:
    return record(program(configs, stack), project=configs[stack].config.project, stack=stack)


def _draft(config: Resolved, stack: str, recording: Recording) -> Draft:
    return Draft(
        config=config,
        stack=stack,
        resources=drafted(recording, Places(config)),
        kinds={urn: seen.kind for urn, seen in recording.seen.items()},
    )


def _check_overrides(configs: Mapping[str, Resolved], drafts: Sequence[Draft]) -> None:
    """A name that these stacks do not have may be one of another stack; only then the others are looked at too."""
    unused = unused_overrides(drafts)
    if unused:
        planned = {draft.stack for draft in drafts}
        others = [_draft(configs[name], name, _record(configs, name)) for name in configs if name not in planned]
        unused = unused_overrides([*drafts, *others])
    if unused:
        raise ConfigError.of(unused)


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
