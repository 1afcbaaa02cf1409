"""The rules as a policy pack: the process that the engine starts for ``--policy-pack`` and asks about resources.

It answers the engine's own protocol. docs/adr/0016 says why no library of policies stands between.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

_HERE = Path(__file__).resolve().parent
sys.path[:] = [one for one in sys.path if Path(one or ".").resolve() != _HERE]  # its files are no modules of their own

import grpc  # noqa: E402
from google.protobuf import empty_pb2, json_format, struct_pb2  # noqa: E402
from groundplan.core import clock  # noqa: E402
from groundplan.core.errors import GroundplanError  # noqa: E402
from groundplan.policies import catalogue  # noqa: E402
from groundplan.policies.finding import Finding  # noqa: E402
from groundplan.policies.inputs.values import TooDeepError, is_unknown  # noqa: E402
from groundplan.policies.pack import messages, policy, settings, values  # noqa: E402
from groundplan.policies.pack.judging import Judged, Pack, resource_of  # noqa: E402
from groundplan.policies.pack.policy import PROJECT, Policy  # noqa: E402
from groundplan.policies.pack.settings import Configured  # noqa: E402
from groundplan.policies.packs import Level  # noqa: E402
from groundplan.policies.resource import Resource  # noqa: E402
from groundplan.policies.rule import Severity  # noqa: E402
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc, plugin_pb2  # noqa: E402

_NAME = "groundplan"
_VERSION = version("groundplan")
_PAUSE_SECONDS = 5.0
_LARGEST_MESSAGE = 400 << 20
_PROTO = cast("Any", analyzer_pb2)

_LEVELS: Mapping[Level, Any] = {
    Level.OFF: _PROTO.DISABLED, Level.ADVISE: _PROTO.ADVISORY, Level.ENFORCE: _PROTO.MANDATORY
}  # fmt: skip
_GIVEN: Mapping[Any, Level] = {
    _PROTO.DISABLED: Level.OFF,
    _PROTO.ADVISORY: Level.ADVISE,
    _PROTO.MANDATORY: Level.ENFORCE,
    _PROTO.REMEDIATE: Level.ENFORCE,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """Answers one run of the engine."""

    def __init__(self) -> None:
        self._pack = Pack(rules=policy.rules_of(catalogue.ours().values()), today=clock.today())
        self._remedied: frozenset[str] = frozenset()
        self._sent: dict[str, Mapping[str, object]] = {}
        self._waiting: dict[str, Collection[str]] = {}
        self.ended = threading.Event()

    def GetAnalyzerInfo(self, request: Any, context: Any) -> Any:  # noqa: N802 the protocol's names
        """What the pack is and which policies it has."""
        del request, context
        return _PROTO.AnalyzerInfo(
            name=_NAME,
            displayName="groundplan",
            version=_VERSION,
            supportsConfig=True,
            policies=[_info(one) for one in policy.policies(self._pack.rules.values())],
        )

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The version."""
        del request, context
        return plugin_pb2.PluginInfo(version=_VERSION)

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Nothing to agree on."""
        del request, context
        return _PROTO.AnalyzerHandshakeResponse()

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        """A resource's URN names its stack."""
        del request, context
        return _PROTO.AnalyzerStackConfigureResponse()

    def Configure(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Take levels, settings and exemptions; refuse what cannot be, and the engine stops."""
        given = {
            name: Configured(
                level=_GIVEN[one.enforcementLevel],
                values=cast("Mapping[str, Any]", values.whole(json_format.MessageToDict(one.properties))),
            )
            for name, one in request.policyConfig.items()
        }
        try:
            found = settings.read(given, self._pack.rules, self._pack.today)
        except GroundplanError as error:
            lines = [" ".join(filter(None, (one.message, one.hint))) for one in error.problems]
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "; ".join(lines))
            raise
        self._pack = Pack(rules=self._pack.rules, today=self._pack.today, settings=found)
        self._remedied = frozenset(
            name for name, one in request.policyConfig.items() if one.enforcementLevel == _PROTO.REMEDIATE
        )
        return empty_pb2.Empty()

    def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Judge one resource by its inputs."""
        del context
        sent = json_format.MessageToDict(request.properties)
        try:
            resource = self._resource(request, sent)
        except TooDeepError:
            said = _said(PROJECT, "a property nests too deep to be judged", Level.ENFORCE, urn=request.urn)
            return _PROTO.AnalyzeResponse(diagnostics=[said])
        if resource is None:
            return _PROTO.AnalyzeResponse()
        judged = self._pack.resource(resource)
        self._sent[request.urn] = sent
        self._waiting[request.urn] = judged.waiting
        return _answer(judged)

    def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Judge all resources together.

        By the inputs that they came with: here the engine sends outputs, of other names and shapes in part.
        """
        del context
        listed = {one.urn: one for one in request.resources}
        there = [self._completed(listed[urn]) for urn in self._sent if urn in listed]
        judged = self._pack.stack(there, {(id, urn) for urn, ids in self._waiting.items() for id in ids})
        answer = _answer(judged)
        answer.diagnostics.extend(
            _said(PROJECT, f"the exemption of {one.rule} for {one.resource} covers nothing", Level.ADVISE)
            for one in judged.unused
        )
        return answer

    def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802
        """Set what a rule is certain of, where its level says so."""
        del context
        answer = _PROTO.RemediateResponse()
        sent = json_format.MessageToDict(request.properties) if self._remedied else {}
        for id in sorted(self._remedied & self._pack.rules.keys()):
            changes = self._changes(id, request, sent)
            if changes:
                sent = values.with_changes(sent, changes)
                answer.remediations.append(
                    _PROTO.Remediation(
                        policyName=id, policyPackName=_NAME, policyPackVersion=_VERSION,
                        description=self._pack.rules[id].title,
                        properties=json_format.ParseDict(sent, struct_pb2.Struct()),
                    )
                )  # fmt: skip
        return answer

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: N802
        """The engine is done."""
        del request, context
        self.ended.set()
        return empty_pb2.Empty()

    def _changes(self, id: str, request: Any, sent: Mapping[str, object]) -> Mapping[str, object]:
        try:
            resource = self._resource(request, sent)
        except TooDeepError:
            return {}
        return {} if resource is None else self._pack.changes(self._pack.rules[id], resource)

    def _completed(self, listed: Any) -> Resource:
        """A resource that came before, with its id, and with what determines the values that are not known."""
        causes = {key: tuple(one.urns) for key, one in listed.propertyDependencies.items()}
        outputs = listed.properties.fields
        id = outputs["id"].string_value if "id" in outputs else ""
        made = self._resource(listed, self._sent[listed.urn], causes, id="" if is_unknown(id) else id)
        assert made is not None  # noqa: S101 only resources are kept
        return made

    def _resource(
        self, sent_as: Any, sent: Mapping[str, object], causes: Mapping[str, Sequence[str]] | None = None,
        *, id: str = "",
    ) -> Resource | None:  # fmt: skip
        """A resource as rules see it; None for what is the program's own: components, providers, the stack."""
        if sent_as.type.startswith("pulumi:") or not sent_as.HasField("provider"):
            return None
        return resource_of(
            urn=sent_as.urn, type=sent_as.type, name=sent_as.name, properties=values.properties(sent, causes or {}),
            settings=self._pack.settings, id=id, parent=sent_as.options.parent, protect=sent_as.options.protect,
        )  # fmt: skip


def _info(one: Policy) -> Any:
    return _PROTO.PolicyInfo(
        name=one.name,
        displayName=one.display_name,
        description=one.description,
        enforcementLevel=_LEVELS[one.level],
        configSchema=_PROTO.PolicyConfigSchema(
            properties=json_format.ParseDict(dict(one.schema), struct_pb2.Struct()), required=[]
        ),
        policy_type=_PROTO.POLICY_TYPE_STACK if one.kind == "stack" else _PROTO.POLICY_TYPE_RESOURCE,
        severity=_severity(one.severity),
        framework=_PROTO.PolicyComplianceFramework(
            name=one.framework, reference=one.reference, specification=one.specification
        ),
        tags=one.tags,
        remediation_steps=one.remediation_steps,
        url=one.url,
    )


def _answer(judged: Judged) -> Any:
    return _PROTO.AnalyzeResponse(
        diagnostics=[_finding(one) for one in judged.findings],
        not_applicable=[
            _PROTO.PolicyNotApplicable(policy_name=name, reason=reason) for name, reason in judged.silent.items()
        ],
    )


def _finding(one: Finding) -> Any:
    """Only what blocks is a violation; what is unknown or exempted is told."""
    level = Level.ENFORCE if one.blocks else Level.ADVISE
    return _said(one.rule.id, messages.message(one), level, urn=one.urn, severity=one.severity)


def _said(policy: str, text: str, level: Level, *, urn: str = "", severity: Severity = Severity.LOW) -> Any:
    return _PROTO.AnalyzeDiagnostic(
        policyName=policy, policyPackName=_NAME, policyPackVersion=_VERSION, message=text, urn=urn,
        enforcementLevel=_LEVELS[level], severity=_severity(severity),
    )  # fmt: skip


def _severity(severity: Severity) -> Any:
    return getattr(_PROTO, f"POLICY_SEVERITY_{severity.upper()}")


def main() -> None:
    """Serve on a port that the first line of the output tells, until the engine ends."""
    analyzer = Analyzer()
    server = grpc.server(
        ThreadPoolExecutor(max_workers=4),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE),
        ],
    )
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)
    signal.signal(signal.SIGINT, lambda _number, _frame: analyzer.ended.set())
    server.start()
    while not analyzer.ended.wait(_PAUSE_SECONDS) and _is_there(sys.argv[1]):
        pass
    server.stop(grace=None)


def _is_there(engine: str) -> bool:
    """Whether the engine still listens: one that was killed ends nobody."""
    host, _, port = engine.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=_PAUSE_SECONDS).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
