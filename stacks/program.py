"""How one config becomes a stack: the config in, components made, exports out. Reads like a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from ..core.errors import GroundplanError, NotFoundError
from ..core.suggestions import did_you_mean
from ..modules.contract.context import SHARED
from .config.reading import read_stacks
from .config.resolved import Resolved


def program(configs: Mapping[str, Resolved], stack: str) -> Callable[[], None]:
    """The Pulumi program of a stack, ``shared`` or an environment; ``configs`` as ``read_stacks`` gives them.

    Nothing is imported or made before it is called. Raises NotFoundError for a stack that the config does not have.
    """
    if stack not in configs:
        raise NotFoundError(f"there is no stack {stack!r}", hint=did_you_mean(stack, configs))

    def run() -> None:
        from . import overriding

        resolved = configs[stack]
        overriding.apply(resolved.config.overrides)
        if stack == SHARED:
            from .shared_stack import provision
        else:
            from .environment_stack import provision
        provision(resolved, configs)

    return run


def main(folder: str | Path = ".") -> None:
    """The whole of an exported project's ``__main__.py``: the program of the stack that Pulumi has selected."""
    import pulumi

    try:
        program(read_stacks(Path(folder)), pulumi.get_stack())()
    except GroundplanError as error:
        for one in error.problems:
            pulumi.log.error(
                "\n".join(part for part in (one.where, one.message, one.hint and f"fix: {one.hint}") if part)
            )
        raise pulumi.RunError("groundplan.yaml does not become a stack; see above") from error
