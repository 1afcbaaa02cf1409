"""What the checks of a cloud work with: the stack, what its plan needs, and whom to ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ....core.errors import GroundplanError
from ....lifecycle.contract.account import Account
from ....lifecycle.contract.need import Need
from ....lifecycle.contract.serving import VersionedEndpoints
from ....modules.contract.context import SHARED
from ....modules.contract.needs import Permission
from ....stacks.config.resolved import Resolved
from ....stacks.needs import StackNeeds
from .remedies import Remedies, remedies

_UNPLANNED = GroundplanError("no plan was made")


@dataclass(frozen=True, kw_only=True)
class View:
    """One stack and its cloud. ``endpoints`` are the ids of the online ones by name, ``serving`` is their adapter.

    ``needs`` is the error where no plan could be made, ``shared`` what the shared stack needs, None for that stack
    itself; ``works`` is what the work on models asks for, nothing in the
    shared stack. ``seconds`` is how long a check may take.
    """

    stack: str
    config: Resolved
    account: Account
    needs: StackNeeds | GroundplanError
    shared: StackNeeds | GroundplanError | None
    works: tuple[Permission, ...]
    endpoints: Mapping[str, str]
    serving: VersionedEndpoints
    seconds: float

    @property
    def remedies(self) -> Remedies:
        """What to type where something is not as it should be."""
        return remedies(self.config)

    @property
    def planned(self) -> StackNeeds:
        """What the plan needs. Raises the error for which there is none."""
        return _known(self.needs)

    @property
    def of_shared(self) -> StackNeeds:
        """What the shared stack needs, in the view of another. Raises the error for which it is not known."""
        assert self.shared is not None  # noqa: S101 the view of another stack has it
        return _known(self.shared)


def _known(needs: StackNeeds | GroundplanError) -> StackNeeds:
    if isinstance(needs, GroundplanError):
        raise needs
    return needs


def view(configs: Mapping[str, Resolved], stack: str, *, planned: bool, seconds: float) -> View:
    """The view of a stack; ``configs`` as of ``read_stacks``. The plan is made here, where a check asks for it."""
    from ....stacks.needs import works
    from ....stacks.places import places

    config, found = configs[stack], places(configs)
    adapters = _adapters(config, found.get(stack, next(iter(found.values()))).workspace)
    shared = stack == SHARED
    adapters.account.prepare()
    return View(
        stack=stack,
        config=config,
        account=adapters.account,
        needs=_needs(configs, stack) if planned else _UNPLANNED,
        shared=None if shared else _needs(configs, SHARED) if planned else _UNPLANNED,
        works=() if shared else works(configs, stack, adapters.asked),
        endpoints={} if shared else found[stack].endpoints,
        serving=adapters.serving,
        seconds=seconds,
    )


@dataclass(frozen=True, kw_only=True)
class _Adapters:
    """What a cloud's lifecycle has for the checks."""

    account: Account
    serving: VersionedEndpoints
    asked: tuple[Need, ...]


def _needs(configs: Mapping[str, Resolved], stack: str) -> StackNeeds | GroundplanError:
    from ....stacks.needs import needs

    try:
        return needs(configs, stack)
    except GroundplanError as error:
        return GroundplanError(f"there is no plan: {error.message}", hint=f"groundplan plan -e {stack}")


def _adapters(config: Resolved, workspace: str) -> _Adapters:
    if config.config.platform == "azureml":
        from ....lifecycle.azureml.account import AzureAccount
        from ....lifecycle.azureml.endpoints import AzureMLEndpoints
        from ....lifecycle.azureml.needs import NEEDS as OF_AZURE

        return _Adapters(account=AzureAccount(workspace), serving=AzureMLEndpoints(), asked=OF_AZURE)
    from ....lifecycle.vertex.account import GoogleAccount
    from ....lifecycle.vertex.endpoints import VertexEndpoints
    from ....lifecycle.vertex.needs import NEEDS as OF_GOOGLE

    return _Adapters(account=GoogleAccount(workspace.split("/")[1]), serving=VertexEndpoints(), asked=OF_GOOGLE)
