"""Stands where pulumi's engine would: takes every resource down and answers as in a preview before the first ``up``."""

from __future__ import annotations

from typing import Any, NoReturn

from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import resource_pb2

from .reading import SECRET, SIGNATURE, UNKNOWN

_WITHOUT = frozenset({"outputValues", "transforms", "invokeTransforms", "parameterization", "resourceHooks"})
"""What this monitor does not do; the SDK asks."""

_STACK = "pulumi:pulumi:Stack"


class LookUpError(Exception):
    """A program asks for live data."""


class Monitor:
    """The interface of pulumi's resource monitor.

    An input that is plain text, a number or a truth value comes back as the output of the same name, as clouds do.
    Everything else is unknown: ids, what the cloud computes, and structures, whose form as an output may be another.
    """

    def __init__(self, *, project: str, stack: str) -> None:
        self._prefix = f"urn:pulumi:{stack}::{project}::"
        self.requests: list[tuple[str, Any]] = []
        self.references: list[tuple[str, Any]] = []
        self.outputs: Any = None

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 pulumi's interface
        """A resource or a component."""
        urn = self._urn(request)
        if request.type == _STACK:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        self.requests.append((urn, request))
        return resource_pb2.RegisterResourceResponse(urn=urn, object=_echo(request.object))

    def ReadResource(self, request: Any) -> Any:  # noqa: N802
        """A reference to another stack, whose outputs are unknown here."""
        urn = self._urn(request)
        self.references.append((urn, request))
        return resource_pb2.ReadResourceResponse(urn=urn, properties=struct_pb2.Struct())

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        """What a component tells, and what the stack exports."""
        if f"::{_STACK}::" in request.urn:
            self.outputs = request.outputs
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> NoReturn:  # noqa: N802
        """A look-up of live data, which no plan may need."""
        raise LookUpError(request.tok)

    def Call(self, request: Any) -> NoReturn:  # noqa: N802
        """As ``Invoke``."""
        raise LookUpError(request.tok)

    def SupportsFeature(self, request: Any) -> Any:  # noqa: N802
        """What the SDK may send."""
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id not in _WITHOUT)

    def RegisterPackage(self, request: Any) -> Any:  # noqa: N802
        """A provider with parameters."""
        return resource_pb2.RegisterPackageResponse(ref=request.name)

    def SignalAndWaitForShutdown(self, request: Any) -> Any:  # noqa: N802
        """Nothing waits here."""
        return empty_pb2.Empty()

    def _urn(self, request: Any) -> str:
        above = request.parent.split("::")[2] if request.parent else ""
        chain = request.type if above in ("", _STACK) else f"{above}${request.type}"
        return f"{self._prefix}{chain}::{request.name}"


def _echo(inputs: Any) -> Any:
    outputs = struct_pb2.Struct()
    for name, value in inputs.fields.items():
        if _is_plain(value):
            outputs.fields[name].CopyFrom(value)
    return outputs


def _is_plain(value: Any) -> bool:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        return SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET and _is_plain(fields["value"])
    if kind == "string_value":
        return UNKNOWN not in value.string_value
    return kind in ("number_value", "bool_value")
