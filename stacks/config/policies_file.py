"""Files that hold what a config says of the policy rules, for whoever has no groundplan.yaml or more to say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath

from pydantic import ValidationError

from ...core.errors import ConfigError, NotFoundError
from .finding import name_of
from .loading import load_file
from .operations import Policies
from .problems import in_order, nearest, of_validation, problem_at
from .section import Section
from .tree import Node, place


class _Document(Section):
    policies: Policies


@dataclass(frozen=True, kw_only=True)
class PoliciesFile:
    """The policies of a file, and where each part of them was written."""

    path: FilePath
    policies: Policies
    tree: Node

    def place(self, path: str) -> str:
        """``file:line:column`` of a dotted path such as ``policies.exemptions.0.rule``, or of the nearest one above."""
        parts = (int(part) if part.isdigit() else part for part in path.split("."))
        node, _ = nearest(self.tree, tuple(parts))
        return place(node.source, node.span) if node.source is not None else name_of(self.path)


def read_policies(path: FilePath) -> PoliciesFile:
    """A file with ``policies:`` as in groundplan.yaml. Raises NotFoundError, and ConfigError with every problem."""
    return _read(path, _loaded(path))


def read_exemptions(path: FilePath) -> PoliciesFile:
    """A file that holds a list of exemptions. Raises NotFoundError, and ConfigError with every problem."""
    tree = _loaded(path)
    if tree.content is not None and not isinstance(tree.content, list):
        problem = problem_at(tree, (), "a file of exemptions is a list", hint="Each entry begins with '- rule: '.")
        raise ConfigError.of([problem.problem])
    return _read(path, _above(_above(tree, "exemptions"), "policies"))


def _loaded(path: FilePath) -> Node:
    if not path.exists():
        raise NotFoundError(f"there is no file {name_of(path)}", hint="Give the path of a YAML file.")
    return load_file(path, name_of(path))


def _above(tree: Node, key: str) -> Node:
    content = {key: tree} if tree.content is not None else {}
    return Node(content=content, kind=tree.kind, source=tree.source, span=tree.span)


def _read(path: FilePath, tree: Node) -> PoliciesFile:
    try:
        return PoliciesFile(path=path, policies=_Document.model_validate(tree.plain()).policies, tree=tree)
    except ValidationError as error:
        found = of_validation(tree, error.errors())
        raise ConfigError.of(in_order(found)) from error
