"""The rules as a policy pack of the engine: where it is, and what a project's config says to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ... import policies
from ...core import clock, files
from ...core.errors import NotFoundError
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from ...policies import catalogue
from ...policies.checking import Check
from ...policies.custom.sources import of_packages
from ...policies.graph import Graph
from ...policies.pack import settings
from ...policies.pack.policy import rules_of
from ...policies.packs import Level
from ...stacks.config.reading import read_stacks
from ...stacks.config.resolved import Resolved
from ...stacks.planning import planning
from ...stacks.planning.plan import Plan
from ..session import Session
from . import settings as config_settings

FOLDER = Path(policies.__file__).resolve().parent
"""What pulumi's --policy-pack takes."""


def of_plans(read: Mapping[str, Resolved], plans: Iterable[Plan], stacks: Iterable[str]) -> Check:
    """The check of plans that were made already, and of the config of these stacks: of our rules, as the pack has."""
    from . import configs, resources

    rules = catalogue.ours()
    custom = any(one.config.policies.rules for one in read.values()) or any(of_packages())
    return Check(
        rules=rules,
        graph=Graph(resources.of_plans(plans)),
        configs={name: configs.of_config(read[name]) for name in stacks if name != SHARED},
        settings=config_settings.of_configs(read, rules, complete=not custom),
        today=clock.today(),
    )


def content(check: Check, stack: str) -> Mapping[str, object]:
    """The settings of the pack for one stack, as the engine's file holds them."""
    return settings.written(
        check.settings_for(stack),
        check.rules.values(),
        config=check.configs.get(stack),
        resources=[one for one in check.graph.resources if one.stack == stack],
    )


def is_on(check: Check, stack: str) -> bool:
    """Whether the pack has anything to ask about a stack."""
    settings_of_stack = check.settings_for(stack)
    return any(settings_of_stack.level(rule) is not Level.OFF for rule in rules_of(check.rules.values()).values())


def write(session: Session, path: Path, environment: str | None) -> None:
    """Write the settings for a stack, the first environment's without a name. Raises NotFoundError, ConfigError."""
    configs = read_stacks(session.folder)
    names = list(configs)
    stack = environment or names[1]
    if stack not in names:
        raise NotFoundError(f"there is no environment {stack!r}", hint=did_you_mean(stack, names))
    plans: Sequence[Plan] = () if configs[stack].config.platform == "local" else planning.plans(configs, [stack])
    check = of_plans(configs, plans, [stack])
    files.write_json(path, dict(content(check, stack)))
