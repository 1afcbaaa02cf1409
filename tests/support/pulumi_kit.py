"""Runs a program under Pulumi's mocks and tells what it made, with readable stand-ins for what a cloud answers.

An id is ``<logical name.id>``, and an output that only the cloud knows is ``<logical name.output>``, so that a test
compares whole inputs. Nothing is proved here about what a provider checks or a cloud accepts.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from typing import Any, cast

import pulumi
from google.protobuf import json_format, struct_pb2
from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime.proto import resource_pb2

AT_THE_CLOUD: Mapping[str, tuple[str, ...]] = {
    "azure-native:managedidentity:UserAssignedIdentity": ("principalId", "clientId", "tenantId"),
    "azure-native:applicationinsights:Component": ("connectionString",),
    "gcp:serviceaccount/account:Account": ("email", "member", "uniqueId"),
    "gcp:projects/serviceIdentity:ServiceIdentity": ("email", "member"),
    "gcp:storage/bucket:Bucket": ("url", "selfLink"),
    "gcp:compute/network:Network": ("selfLink",),
    "gcp:compute/subnetwork:Subnetwork": ("selfLink",),
}
"""By type token the outputs that no input determines."""

_SIGNATURE = cast("str", vars(rpc)["_special_sig_key"])
_SECRET = cast("str", vars(rpc)["_special_secret_sig"])


def record(program: Callable[[], object], *, project: str = "churn", environment: str = "dev") -> list[PlannedResource]:
    """Run ``program`` and tell every resource, components too, in the order of their names.

    A failure inside ``program`` is raised as it is. Two resources of one URN are an ``AssertionError``. Each run has an
    event loop and a context of its own, so that a failed one leaves nothing behind.
    """
    monitor = _Monitor()

    async def run() -> None:
        settings.configure(
            mocks.MockSettings(
                monitor=cast("Any", monitor), engine=mocks.MockEngine(None),
                project=project, stack=environment, dry_run=True, organization="",
            )
        )  # fmt: skip
        await stack.run_in_stack(lambda: _call(program))

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # what failed is raised; the rest are its echoes
    try:
        contextvars.Context().run(lambda: loop.run_until_complete(run()))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    urns = [one.urn for one in monitor.made]
    twice = sorted({urn for urn in urns if urns.count(urn) > 1})
    assert not twice, f"made twice: {twice}"
    return sorted(monitor.made, key=lambda one: one.name)


def by_name(made: list[PlannedResource]) -> dict[str, PlannedResource]:
    """What was made, by logical name; components left out."""
    return {one.name: one for one in made if not one.component}


def of_type(made: list[PlannedResource], type: str) -> dict[str, Mapping[str, object]]:
    """The inputs of all resources of a type, by logical name."""
    return {one.name: one.properties for one in made if one.type == type}


def resource_name(urn: str) -> str:
    """The logical name at the end of a URN."""
    return urn.rsplit("::", 1)[-1]


def depends_on(made: PlannedResource) -> tuple[str, ...]:
    """The logical names of what a resource waits for, explicitly or by its inputs."""
    return tuple(sorted({resource_name(urn) for urn in made.dependencies}))


def _call(program: Callable[[], object]) -> None:
    pulumi.runtime.register_stack_transformation(_without_aliases)
    program()


def _without_aliases(made: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    """An Azure resource brings up to 51 names under which a state may hold it; there is no state here."""
    if not made.opts.aliases:
        return None
    made.opts.aliases = None
    return pulumi.ResourceTransformationResult(made.props, made.opts)


class _Cloud(mocks.Mocks):
    """Has no live data to look up."""

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"a look-up of live data: {args.token}")

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        raise AssertionError(f"a read of a live resource: {args.name}")


class _Monitor(mocks.MockMonitor):
    """Notes each resource, and answers with the inputs that are plain and with stand-ins for the rest."""

    def __init__(self) -> None:
        super().__init__(_Cloud())
        self.made: list[PlannedResource] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 pulumi's interface
        urn = self._urn(request)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        planned = _planned(request, urn)
        self.made.append(planned)
        state = {key: value for key, value in planned.properties.items() if isinstance(value, str | int | float)}
        state.update({output: f"<{planned.name}.{output}>" for output in AT_THE_CLOUD.get(planned.type, ())})
        outputs = struct_pb2.Struct()
        outputs.update(state)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=f"<{planned.name}.id>", object=outputs)

    def _urn(self, request: Any) -> str:
        above = request.parent.split("::")[2] if request.parent else ""
        chain = request.type if above in ("", "pulumi:pulumi:Stack") else f"{above}${request.type}"
        return f"urn:pulumi:stack::project::{chain}::{request.name}"


def _planned(request: Any, urn: str) -> PlannedResource:
    raw = json_format.MessageToDict(request.object)
    return PlannedResource(
        urn=urn,
        type=request.type,
        name=request.name,
        parent=request.parent,
        component=not request.custom,
        properties=cast("dict[str, object]", _plain(raw)),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={key: tuple(sorted(one.urns)) for key, one in request.propertyDependencies.items()},
        provider=request.provider,
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace,
        retain_on_delete=request.retainOnDelete,
    )


def _plain(value: Any) -> object:
    """Whole numbers as integers, which protobuf lacks; secrets as ``Secret``, told by their value; and ``Unknown``."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        if fields.get(_SIGNATURE) == _SECRET:
            return Secret(digest=repr(_plain(fields["value"])))
        return {key: _plain(fields[key]) for key in sorted(fields)}
    if isinstance(value, list):
        return [_plain(one) for one in cast("list[Any]", value)]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return Unknown() if value == rpc.UNKNOWN else value
