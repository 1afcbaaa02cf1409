"""The stand-in for the azure-native and gcp plugins: refuses what the clouds refuse, remembers, breaks to order."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import grpc
import psutil
from google.protobuf import empty_pb2, json_format, struct_pb2
from google.rpc import status_pb2  # pyright: ignore[reportMissingTypeStubs]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from . import azure, checking, differing, google, messages, outputs, serving
from .checking import UNKNOWN
from .facts import Account, Facts, under
from .faults import Fault, Orders, due
from .shapes import UnknownTypeError, resource_shape
from .store import Resource, Store

Properties = dict[str, Any]
Answer = TypeVar("Answer")
VERSIONS = {"azure-native": "3.29.0", "gcp": "10.2.0"}


def facts_of(token: str) -> Facts:
    """What the cloud of a type token knows of the type."""
    return azure.facts(token) if token.startswith("azure-native:") else google.facts(token)


class Refused(Exception):  # noqa: N818 the cloud's answer, not a fault of the stand-in
    """The cloud says no."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One provider, for the package ``package``. ``crash`` ends it as if its process had died."""

    def __init__(self, package: str, store: Store, orders: Orders, crash: Callable[[], None]) -> None:
        self._package = package
        self._store = store
        self._orders = orders
        self._crash = crash
        self._account = Account()
        self._stopping = threading.Event()
        self._counting = threading.Lock()

    def GetPluginInfo(self, request: Any, context: Any) -> plugin_pb2.PluginInfo:  # noqa: N802
        return plugin_pb2.PluginInfo(version=VERSIONS[self._package])

    def Attach(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        return empty_pb2.Empty()

    def Cancel(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._stopping.set()
        return empty_pb2.Empty()

    def Handshake(self, request: Any, context: Any) -> provider_pb2.ProviderHandshakeResponse:  # noqa: N802
        return provider_pb2.ProviderHandshakeResponse()

    def GetSchema(self, request: Any, context: Any) -> provider_pb2.GetSchemaResponse:  # noqa: N802
        return provider_pb2.GetSchemaResponse(schema="{}")

    def CheckConfig(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        return differing.response(differing.paths(_plain(request.olds), _plain(request.news)), frozenset())

    def Configure(self, request: Any, context: Any) -> provider_pb2.ConfigureResponse:  # noqa: N802
        given = _plain(request.args)
        self._stopping.clear()
        self._account = Account(
            subscription=str(given.get("subscriptionId", "")), tenant=str(given.get("tenantId", "")),
            project=str(given.get("project", "")), region=str(given.get("region", "")),
        )  # fmt: skip
        return provider_pb2.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    def Invoke(self, request: Any, context: Any) -> provider_pb2.InvokeResponse:  # noqa: N802
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"the stand-in answers no look-up: {request.tok}")
        raise AssertionError

    def Check(self, request: Any, context: Any) -> provider_pb2.CheckResponse:  # noqa: N802
        self._strike(request, "Check", context)
        found = self._answered(context, lambda: refusals(request.type, _plain(request.news)))
        return provider_pb2.CheckResponse(
            inputs=request.news,
            failures=[provider_pb2.CheckFailure(property=one.path, reason=one.reason) for one in found],
        )

    def Diff(self, request: Any, context: Any) -> provider_pb2.DiffResponse:  # noqa: N802
        self._strike(request, "Diff", context)
        changed = differing.paths(_plain(request.old_inputs), _plain(request.news), ignored=list(request.ignoreChanges))
        return differing.response(changed, facts_of(request.type).forces)

    def Create(self, request: Any, context: Any) -> provider_pb2.CreateResponse:  # noqa: N802
        inputs = _plain(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(
                properties=_struct(outputs.planned(resource_shape(request.type), inputs))
            )
        fault = self._strike(request, "Create", context)
        resource = self._answered(context, lambda: self._make(request, inputs))
        self._strike_done(fault, context, resource)
        return provider_pb2.CreateResponse(id=resource["id"], properties=_struct(resource["outputs"]))

    def _make(self, request: Any, inputs: Properties) -> Resource:
        known = facts_of(request.type)
        id = known.identify(inputs, self._account)
        with self._store.changing() as content:
            self._refuse_creation(known, id, request, inputs, content["resources"], content["reserved"])
            values = outputs.outputs(resource_shape(request.type), known, id, inputs, self._account)
            made: Resource = {"id": id, "urn": request.urn, "type": request.type, "inputs": inputs, "outputs": values}
            content["resources"][id] = made
        return made

    def _refuse_creation(
        self, known: Facts, id: str, request: Any, inputs: Properties,
        resources: Mapping[str, Resource], reserved: Mapping[str, str],
    ) -> None:  # fmt: skip
        ids = {one.lower(): one for one in resources}
        if id.lower() in {one.lower() for one in reserved}:
            raise Refused(_reserved(request.type, id))
        there = resources.get(ids.get(id.lower(), ""))
        if there and not (known.additive and _stack(there["urn"]) != _stack(request.urn)):
            raise Refused(f'Status=409 Code="Conflict" Message="A resource with the ID "{id}" already exists"')
        taken = known.taken(inputs, self._account)
        if taken and taken in {facts_of(one["type"]).taken(one["inputs"], self._account) for one in resources.values()}:
            raise Refused(_taken(request.type, id))
        parent = known.parent(id)
        if parent.count("/") > 2 and parent.lower() not in ids:
            raise Refused(f'Status=404 Code="ParentResourceNotFound" Message="{parent} was not found; {id} lies in it"')

    def Update(self, request: Any, context: Any) -> provider_pb2.UpdateResponse:  # noqa: N802
        inputs = _plain(request.news)
        if request.preview:
            planned = outputs.planned(resource_shape(request.type), inputs)
            known = {name: value for name, value in planned.items() if value != UNKNOWN}
            return provider_pb2.UpdateResponse(properties=_struct({**_plain(request.olds), **known}))
        fault = self._strike(request, "Update", context)
        resource = self._answered(context, lambda: self._change(request, inputs))
        self._strike_done(fault, context, resource)
        return provider_pb2.UpdateResponse(properties=_struct(resource["outputs"]))

    def _change(self, request: Any, inputs: Properties) -> Resource:
        known = facts_of(request.type)
        with self._store.changing() as content:
            resource = content["resources"].get(request.id)
            if resource is None:
                raise Refused(f'Status=404 Code="ResourceNotFound" Message="{request.id} was not found"')
            fixed = [one for one in differing.paths(resource["inputs"], inputs) if under(one, known.immutable)]
            if fixed:
                raise Refused(f'Status=400 Code="ValidationError" Message="property {fixed[0]} is immutable"')
            models = serving.deployed_models(resource)
            resource["inputs"] = inputs
            resource["outputs"] = outputs.outputs(
                resource_shape(request.type), known, request.id, inputs, self._account
            )
            if models:
                resource["outputs"]["deployedModels"] = models
        return resource

    def Read(self, request: Any, context: Any) -> provider_pb2.ReadResponse:  # noqa: N802
        fault = self._strike(request, "Read", context)
        resource = None if fault and fault.kind == "missing" else self._store.get(request.id)
        if resource is None:
            return provider_pb2.ReadResponse(id="")
        return provider_pb2.ReadResponse(
            id=resource["id"], properties=_struct(resource["outputs"]), inputs=_struct(resource["inputs"])
        )

    def Delete(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        fault = self._strike(request, "Delete", context)
        resource = self._answered(context, lambda: self._remove(request))
        self._strike_done(fault, context, resource)
        return empty_pb2.Empty()

    def _remove(self, request: Any) -> Resource | None:
        known = facts_of(request.type)
        with self._store.changing() as content:
            resource = content["resources"].get(request.id)
            if resource is None:
                return None
            refused = serving.refusal(resource, content["resources"]) or self._kept(resource)
            if refused:
                raise Refused(refused)
            if known.keeps:
                resource["urn"] = ""
                return resource
            for id in [one for one in content["resources"] if one == request.id or one.startswith(f"{request.id}/")]:
                if facts_of(content["resources"][id]["type"]).reserves:
                    content["reserved"][id] = content["resources"][id]["type"]
                del content["resources"][id]
        return resource

    def _kept(self, resource: Resource) -> str:
        on = resource["inputs"].get("properties", {}).get("isEnabled", True)
        is_schedule = resource["type"].endswith("machinelearningservices:Schedule")
        return messages.AZURE_IS_ENABLED if self._store.keeps_schedules_that_are_on and is_schedule and on else ""

    def _answered(self, context: Any, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except Refused as error:
            context.abort(grpc.StatusCode.UNKNOWN, str(error))
            raise

    def _strike(self, request: Any, method: str, context: Any) -> Fault | None:
        """Write the call down and do what a fault orders; one with work to be ``done`` first is given back."""
        preview = bool(getattr(request, "preview", False))
        name = str(request.urn).rpartition("::")[2]
        with self._counting:
            ordered = self._orders.all
            fault = None if preview or not ordered else due(ordered, method, request.type, name, self._store.calls)
            self._store.record({
                "method": method, "type": request.type, "name": name, "urn": request.urn, "preview": preview,
                "fault": fault.kind if fault else "", "known": [one.id for one in ordered],
            })  # fmt: skip
        if fault and not fault.done and fault.kind != "init-failed":
            self._break(fault, context)
        return fault

    def _strike_done(self, fault: Fault | None, context: Any, resource: Resource | None) -> None:
        if fault is None:
            return
        if fault.kind == "init-failed" and resource is not None:
            _abort_half_made(context, resource, fault.message)
        if fault.done:
            self._break(fault, context)

    def _break(self, fault: Fault, context: Any) -> None:
        match fault.kind:
            case "error":
                context.abort(grpc.StatusCode.UNKNOWN, fault.message)
            case "slow":
                self._wait(fault.seconds)
            case "hang":
                self._wait(3600)
                context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "hung")
            case "crash":
                self._crash()
                context.abort(grpc.StatusCode.UNAVAILABLE, "crashed")
            case "kill-engine":
                kill_caller(context.peer())
                context.abort(grpc.StatusCode.UNAVAILABLE, "nobody is there to hear it")
            case "missing" | "init-failed":
                return

    def _wait(self, seconds: float) -> None:
        """A cloud goes on with what it began when the engine is asked to stop, but a test must not wait for it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (seconds > 60 and self._stopping.is_set()):
            time.sleep(0.02)


def refusals(token: str, inputs: Properties) -> list[checking.Refusal]:
    """Why the cloud would not take these inputs of a resource, one reason for each property."""
    try:
        shape = resource_shape(token)
    except UnknownTypeError as error:
        raise Refused(f"unknown resource type {token}") from error
    found = {one.path: one for one in facts_of(token).refine(inputs)}
    found.update({one.path: one for one in checking.check(inputs, shape.inputs, shape.outputs)})
    return [*found.values()]


def kill_caller(peer: str) -> None:
    """Kill the process at the other end of a connection, such as ``ipv4:127.0.0.1:40123``."""
    port = int(peer.rpartition(":")[2])
    for one in psutil.net_connections("tcp"):
        if one.laddr and cast("Any", one.laddr).port == port and one.pid not in (None, os.getpid()):
            psutil.Process(one.pid).kill()
            return
    raise RuntimeError(f"no process is at the other end of {peer}")


def _abort_half_made(context: Any, resource: Resource, reason: str) -> None:
    detail = provider_pb2.ErrorResourceInitFailed(
        id=resource["id"], properties=_struct(resource["outputs"]), inputs=_struct(resource["inputs"]), reasons=[reason]
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)


def _reserved(token: str, id: str) -> str:
    if token.endswith(":Vault"):
        return messages.AZURE_SOFT_DELETED_VAULT
    if token.endswith("machinelearningservices:Workspace"):
        return messages.AZURE_SOFT_DELETED_WORKSPACE
    return (
        f"googleapi: Error 409: Requested entity already exists: {id} was deleted and can be undeleted, alreadyExists"
    )


def _taken(token: str, id: str) -> str:
    kind = next(one for one in messages.TAKEN if one in token)
    return messages.TAKEN[kind].format(name=id.rpartition("/")[2])


def _stack(urn: str) -> str:
    return re.sub(r"^urn:pulumi:([^:]*)::([^:]*)::.*$", r"\1/\2", urn)


def _plain(struct: struct_pb2.Struct) -> Properties:
    return json_format.MessageToDict(struct)


def _struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    json_format.ParseDict(dict(values), made)
    return made
