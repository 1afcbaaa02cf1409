"""From the file's tree to one config per environment: defaults < maturity < file < environment < flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, cast, get_args

from pydantic import ValidationError

from ...core.errors import ConfigError, Problem
from . import checks, maturity, names, secrets
from .config import API_VERSION, NOT_OVERRIDABLE, SAME_EVERYWHERE, Config, EnvironmentSettings, Maturity
from .loading import load_text
from .pipelines import baseline
from .problems import Place, in_order, of_validation, problem_at, suggestion, tree_path
from .resolved import Origin
from .team import Approval
from .tree import Node, Path, Source, dotted, made, of_kind, overlaid, without

_PROMOTES_TO = "promotes_to"
"""A key that people expect in an environment; the order of the file says it instead."""

_NOT_VALUES = SAME_EVERYWHERE | EnvironmentSettings.model_fields.keys() | {_PROMOTES_TO}
"""Keys of an environment that override nothing."""

_ROUNDS = 5
"""How often a config is read again without what is wrong in it."""


@dataclass(frozen=True, kw_only=True)
class Layered:
    """One environment: its config, and the tree that it was made from.

    Without ``sound`` it lacks what is wrong in itself: enough to look for what else is wrong, for nothing more.
    """

    config: Config
    tree: Node
    sound: bool = True

    def origins(self) -> dict[str, Origin]:
        """Where each leaf came from, by dotted path."""
        return {dotted(path): _origin(self.tree, path) for path, _ in leaves(self.config)}


def leaves(config: Config) -> list[tuple[Path, object]]:
    """Every value of a config with its path; a list that holds no mappings is one value."""
    return list(_leaves((), config.model_dump(by_alias=True)))


def settings(file: Node) -> tuple[dict[str, EnvironmentSettings], list[Place]]:
    """What each environment says of itself, in the file's order, and what is wrong with it."""
    stage = _maturity(_mapping(file.plain()))
    places: list[Place] = []
    written = _environments(file, places)
    found: dict[str, EnvironmentSettings] = {}
    for position, (name, node) in enumerate(written.items() if written else _default_environments(stage)):
        own = {key: entry for key, entry in node.children.items() if key in EnvironmentSettings.model_fields}
        tree = made({}, "file")
        tree = replace(tree, content={"environments": replace(tree, content={name: replace(node, content=own)})})
        try:
            one = EnvironmentSettings.model_validate({key: entry.plain() for key, entry in own.items()})
        except ValidationError as error:
            errors = [{**found, "loc": ("environments", name, *found["loc"])} for found in error.errors()]
            places.extend(of_validation(tree, errors))
            one = EnvironmentSettings()
        count = len(written) or len(maturity.ENVIRONMENTS[stage])
        last_of_several = position == count - 1 > 0
        if last_of_several and stage in maturity.NEEDS_APPROVAL and "approval" not in own:
            one = one.model_copy(update={"approval": Approval()})
        found[name] = one
    return found, places


def layered(
    file: Node, environment: str, *, root: FilePath, flags: Node | None = None
) -> tuple[Layered | None, list[Place]]:
    """The config of one environment, or what is wrong with it; paths in it are below ``root``."""
    tree = _tree(file, environment, flags)
    try:
        config = Config.model_validate(tree.plain())
    except ValidationError as error:
        return _salvaged(tree, error, root)
    places = list(checks.places(tree, config, root))
    return Layered(config=config, tree=tree), places


def _salvaged(tree: Node, error: ValidationError, root: FilePath) -> tuple[Layered | None, list[Place]]:
    """What is wrong with the types, and what is wrong with the rest, so that all is told at once."""
    places = of_validation(tree, error.errors())
    left_out: set[str] = set()
    for _ in range(_ROUNDS):
        for path in sorted((_faulty(tree, one) for one in error.errors()), key=_from_behind):
            if not path:
                return None, places
            tree = without(tree, path)
            left_out.add(str(path[0]))
        try:
            config = Config.model_validate(tree.plain())
        except ValidationError as another:
            error = another
            continue
        places += checks.places(tree, config, root, left_out=frozenset(left_out))
        return Layered(config=config, tree=tree, sound=False), places
    return None, places


def _faulty(tree: Node, error: Any) -> Path:
    """What must be left out of a tree to be rid of one of pydantic's complaints; nothing when all of it must."""
    path, _ = tree_path(tree, error)
    return path[:-1] if error["type"] == "missing" else path


def _from_behind(path: Path) -> tuple[int, ...]:
    """Orders paths so that the later entries of a list go first and the others keep their positions."""
    return tuple(-part for part in path if isinstance(part, int))


def approval_places(file: Node, environment: str, own: EnvironmentSettings, config: Config) -> list[Place]:
    """Roles that must approve but have nobody in them."""
    roles = own.approval.roles if own.approval is not None else []
    path = ("environments", environment, "approval", "roles")
    return [
        problem_at(
            file, (*path, index), f"nobody can approve for {environment}: team.{role} has no principals",
            hint=f"Add 'team: {{{role}: [jo@example.com]}}'.",
        )
        for index, role in enumerate(roles)
        if not config.team.get(role)
    ]  # fmt: skip


def everywhere(places_by_environment: Mapping[str, list[Place]]) -> list[Place]:
    """The problems of all environments, each once; one that not all have names its environments."""
    found: dict[tuple[str, str], tuple[Place, list[str]]] = {}
    for environment, places in places_by_environment.items():
        for place in places:
            key = (place.problem.message, place.problem.where)
            environments = found.setdefault(key, (place, []))[1]
            if environment not in environments:
                environments.append(environment)
    return [_naming(place, some, len(places_by_environment)) for place, some in found.values()]


def first_look(file: Node) -> list[Place]:
    """What can be told before anything is resolved: no mapping, another version, secrets."""
    if file.content is None:
        raise ConfigError.of(
            [problem_at(file, (), "the config is empty", hint="Two lines are enough: project and platform.").problem]
        )
    if not isinstance(file.content, dict):
        raise ConfigError.of(
            [problem_at(file, (), "the config is not a mapping of keys", hint="Write 'project: churn'.").problem]
        )
    version = file.children.get("apiVersion")
    if version is not None and version.content != API_VERSION:
        raise ConfigError.of([_version_problem(file, version.content).problem])
    return secret_places(file)


def secret_places(tree: Node) -> list[Place]:
    """Values that look like secrets, and references that are none; no message shows the value."""
    return [place for path, node in tree.walk() if (place := _secret_place(tree, path, node)) is not None]


def unset_places(file: Node) -> list[Place]:
    """References to secrets in ``overrides``, also in those of an environment, that nothing is set for."""
    return [
        problem_at(file, path, problem.message, hint=problem.hint)
        for path, node in file.walk()
        if "overrides" in (*path[:1], *path[2:3])
        for problem in _unset(node.content)
    ]


def _unset(value: object) -> Sequence[Problem]:
    if not isinstance(value, str) or not secrets.REFERENCE.fullmatch(value):
        return ()
    try:
        secrets.value_of(value, where="")
    except ConfigError as error:
        return error.problems
    return ()


def flag_tree(overrides: Mapping[str, str]) -> Node | None:
    """The layer of the command line: dotted paths and values as YAML text. Raises ConfigError."""
    layer: Node | None = None
    for path, text in overrides.items():
        node = _flag(path, text)
        layer = node if layer is None else overlaid(layer, node)
    if layer is not None and (found := secret_places(layer)):
        raise ConfigError.of(in_order(found))
    return layer


def _flag(path: str, text: str) -> Node:
    name = f"--set {path}"
    parts = path.split(".")
    if parts[0] in NOT_OVERRIDABLE or not all(parts):
        reason = "is the same in every environment" if parts[0] in NOT_OVERRIDABLE else "is not a dotted path"
        raise ConfigError(f"{path!r} {reason}", where=name, hint="Change it in groundplan.yaml.")
    source = Source(name=name, text=text, kind="flag")
    node = load_text(source)
    for part in reversed(parts):
        node = Node(content={part: node}, kind="flag", source=source)
    return node


def _tree(file: Node, environment: str, flags: Node | None) -> Node:
    top = {name: node for name, node in file.children.items() if name != "environments"}
    written = replace(file, content=top)
    own = _own(file, environment)
    if own is not None:
        overrides = {key: node for key, node in own.children.items() if key not in _NOT_VALUES}
        written = overlaid(written, of_kind(replace(own, content=overrides), "environment"))
    if flags is not None:
        written = overlaid(written, flags)
    plain = _mapping(written.plain())
    below = made(_standing(plain), "default")
    picked = made(maturity.defaults(_maturity(plain), _task(plain)), "maturity")
    return overlaid(overlaid(below, picked), written)


def _own(file: Node, environment: str) -> Node | None:
    environments = file.children.get("environments")
    return None if environments is None else environments.children.get(environment)


def _standing(plain: dict[str, Any]) -> dict[str, object]:
    """The defaults that depend on what was written: pipelines, models, endpoints; and the computes' own."""
    standing: dict[str, object] = {"compute": {"default": {}}}
    data = _mapping(plain.get("data"))
    sources = _mapping(data.get("sources"))
    if "pipelines" not in plain:
        target, task = data.get("target", "target"), data.get("task", "classification")
        standing["pipelines"] = baseline(str(target), str(task), source=str(next(iter(sources), "main")))
    if "models" not in plain and _makes_models(_mapping(plain.get("pipelines", standing.get("pipelines")))):
        standing["models"] = {str(plain.get("project", "")): {}}
    if "endpoints" not in plain:
        models = _mapping(plain.get("models", standing.get("models")))
        standing["endpoints"] = {name: {"model": name} for name in models}
    return standing


def _makes_models(pipelines: dict[str, Any]) -> bool:
    steps = [step for pipeline in pipelines.values() for step in _mapping(_mapping(pipeline).get("steps")).values()]
    return any("model" in _mapping(_mapping(step).get("outputs")).values() for step in steps)


def _maturity(plain: dict[str, Any]) -> Maturity:
    written = plain.get("maturity")
    return cast("Maturity", written) if written in get_args(Maturity) else "foundation"


def _task(plain: dict[str, Any]) -> object:
    """The task of all models, or None when they differ."""
    task = _mapping(plain.get("data")).get("task", "classification")
    own = [_mapping(model).get("task") or task for model in _mapping(plain.get("models")).values()]
    return task if all(one == task for one in own) else None


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _default_environments(stage: Maturity) -> list[tuple[str, Node]]:
    return [(name, made({}, "maturity")) for name in maturity.ENVIRONMENTS[stage]]


def _environments(file: Node, places: list[Place]) -> dict[str, Node]:
    node = file.children.get("environments")
    if node is None:
        return {}
    if not isinstance(node.content, dict) or not node.content:
        places.append(
            problem_at(
                file, ("environments",), "environments: expected a mapping of names to overrides, in order",
                hint="Write each name with a colon: 'dev:'.",
            )
        )  # fmt: skip
        return {}
    found: dict[str, Node] = {}
    for name, own in node.content.items():
        found[name] = own
        places.extend(_environment_places(file, name, own))
    return found


def _environment_places(file: Node, name: str, own: Node) -> list[Place]:
    path: Path = ("environments", name)
    if problem := names.problem_with_environment_name(name):
        return [problem_at(file, path, problem, at_key=True)]
    if own.content is not None and not isinstance(own.content, dict):
        return [problem_at(file, path, f"environments.{name}: expected overrides or nothing", at_key=True)]
    places = [
        problem_at(
            file, (*path, key), f"'{key}' is the same in every environment", hint="Move it to the top.", at_key=True
        )
        for key in own.children
        if key in SAME_EVERYWHERE
    ]
    if (next_one := own.children.get(_PROMOTES_TO)) is not None:
        itself = next_one.content == name
        message = f"the environment '{name}' promotes to itself" if itself else f"there is no key '{_PROMOTES_TO}'"
        places.append(
            problem_at(
                file, (*path, _PROMOTES_TO), message,
                hint="Remove it: a model passes the environments in the order of this file.", at_key=True,
            )
        )  # fmt: skip
    return places


def _version_problem(file: Node, written: object) -> Place:
    if isinstance(written, str) and written.startswith("groundplan/v") and written[12:].isdigit():
        return problem_at(
            file, ("apiVersion",), f"this config is written for {written}; this groundplan reads {API_VERSION}",
            hint="Install a newer groundplan: pip install --upgrade groundplan",
        )  # fmt: skip
    return problem_at(
        file, ("apiVersion",), f"apiVersion: expected {API_VERSION}",
        hint=suggestion(written, [API_VERSION]) if isinstance(written, str) else f"Write {API_VERSION}.",
    )  # fmt: skip


def _secret_place(tree: Node, path: Path, node: Node) -> Place | None:
    value = node.content
    if not isinstance(value, str) or not path:
        return None
    if reason := secrets.problem_with_reference(value):
        return problem_at(tree, path, f"{dotted(path)}: {reason}", hidden=True)
    key = str(next((part for part in reversed(path) if isinstance(part, str)), ""))
    kind = secrets.what_it_looks_like(key, value)
    if kind is None:
        return None
    variable = "".join(c if c.isalnum() else "_" for c in key).upper() or "NAME"
    fix = secrets.hint_for_steps(variable) if "steps" in path else f"Write ${{env:{variable}}} and set {variable}."
    return problem_at(
        tree, path, f"{dotted(path)} looks like {kind}; a config holds references to secrets, never their values",
        hint=f"{fix} Replace the secret if this file was shared.", hidden=True,
    )  # fmt: skip


def _naming(place: Place, environments: list[str], of: int) -> Place:
    if len(environments) == of:
        return place
    message = f"{place.problem.message} (environment {', '.join(environments)})"
    return Place(place.span, replace(place.problem, message=message))


def _origin(tree: Node, path: Path) -> Origin:
    node = tree.at(path)
    return Origin(kind="default") if node is None else Origin(kind=node.kind, where=node.where)


def _leaves(path: Path, value: object) -> list[tuple[Path, object]]:
    entries: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        entries = list(cast("dict[str | int, object]", value).items())
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in cast("list[object]", value)):
        entries = list(enumerate(cast("list[object]", value)))
    if not entries:
        return [(path, value)]
    return [leaf for part, entry in entries for leaf in _leaves((*path, part), entry)]
