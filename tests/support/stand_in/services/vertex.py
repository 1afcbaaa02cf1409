"""Google's services behind Vertex AI on one port, from endpoints to logs, and the one that signs callers in."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from urllib.parse import parse_qsl

from ..store import Store
from . import discovery
from . import google_account as account
from .bigquery import BigQuery
from .bigquery_tables import Tables
from .google_storage import Buckets
from .google_telemetry import Telemetry
from .http import Answer, Json, Operation, RefusedError, Request, Service
from .vertex_batch import Batch
from .vertex_datasets import Datasets
from .vertex_endpoints import Endpoints
from .vertex_features import FeatureStores
from .vertex_jobs import PipelineJobs
from .vertex_metadata import Contexts
from .vertex_models import Models
from .vertex_monitors import Monitors
from .vertex_words import numbered, refused

_SUBJECT = "the workflow's own token"
_POOL = "projects/123456789012/locations/global/workloadIdentityPools/ci"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_TYPES = "type.googleapis.com/google.cloud.aiplatform.v1."
_BETA = "type.googleapis.com/google.cloud.aiplatform.v1beta1."
_DOCUMENTS = (
    ("aiplatform", "v1"), ("aiplatform", "v1beta1"), ("logging", "v2"), ("bigquery", "v2"), ("monitoring", "v3"),
    *account.DOCUMENTS,
)  # fmt: skip
_OVERRIDES = ("AIPLATFORM", "BIGQUERY", "LOGGING", "MONITORING", "STORAGE", *account.SERVICES)


class VertexService(Service):
    """The services, and the exchange that signs their callers in; ``token`` is the one that they take.

    ``half_way`` leaves behind what an operation that failed began; ``lag`` is the number of looks at an endpoint
    or a model that do not see yet what was done.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        super().__init__(store)
        self._folder = folder
        self._federate()
        self.token = "first"
        self.half_way = False
        self.lag = 0
        self.buckets = Buckets(store=store, address=f"http://127.0.0.1:{self.port}")
        self.telemetry = Telemetry()
        self.models = Models(self)
        self.contexts = Contexts(self)
        self.datasets = Datasets(self)
        self.jobs = PipelineJobs(self, folder)
        self.bigquery = BigQuery(store)
        self.tables = Tables(buckets=self.buckets)
        self.batch = Batch(self)
        self.features = FeatureStores(self)
        self.monitors = Monitors(self)
        self.account = account.Account()
        self._endpoints = Endpoints(self)
        self._ends: dict[str, tuple[str, str, Callable[[], Json]]] = {}
        self._answers: dict[str, Callable[[Request], Json]] = {
            **self._endpoints.answers,
            **self.models.answers,
            **self.contexts.answers,
            **self.datasets.answers,
            **self.jobs.answers,
            "aiplatform.projects.locations.datasets.operations.get": self._operation,
            "aiplatform.projects.locations.operations.list": self._operations,
            **self.bigquery.answers,
            **self.tables.beside(self.bigquery.answers),
            **self.batch.answers,
            **self.features.answers,
            **self.account.answers,
            "aiplatform.projects.locations.endpoints.operations.get": self._operation,
            "aiplatform.projects.locations.endpoints.operations.list": self._operations,
            "aiplatform.projects.locations.models.operations.get": self._operation,
            "aiplatform.projects.locations.models.operations.list": self._operations,
            "monitoring.projects.timeSeries.list": self.telemetry.series_of,
            "logging.entries.list": self.telemetry.entries_of,
        }
        # Methods of both versions are called the same.
        self._beta: dict[str, Callable[[Request], Json]] = {
            **self.monitors.answers,
            "aiplatform.projects.locations.modelMonitors.operations.get": self._operation,
            "aiplatform.projects.locations.schedules.operations.get": self._operation,
        }

    def reset(self) -> None:
        """Nothing is registered, stored or measured, and nothing goes wrong."""
        for one in (self.models, self.contexts, self.datasets, self.jobs, self.monitors):
            one.clear()
        self.models.clear()
        self.batch.clear()
        self.buckets.clear()
        self.telemetry.clear()
        self.bigquery.clear()
        self.tables.clear()
        self.features.clear()
        self.account.clear()
        self.half_way, self.lag, self.token = False, 0, "first"

    @property
    def environment(self) -> dict[str, str]:
        """What a caller needs in its environment to be signed in and to find the services."""
        address = f"http://127.0.0.1:{self.port}"
        return {
            **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{one}": address for one in _OVERRIDES},
            "CLOUDSDK_CONFIG": str(self._folder),
            "GOOGLE_APPLICATION_CREDENTIALS": str(self._folder / "federated.json"),
            "GOOGLE_CLOUD_PROJECT": "acme-churn",
            "NO_GCE_CHECK": "true",
        }

    def _federate(self) -> None:
        """The identity of a workflow, as in CI: what it has is exchanged for a token of Google."""
        subject = self._folder / "subject.txt"
        subject.write_text(_SUBJECT, encoding="utf-8")
        configuration = {
            "type": "external_account",
            "audience": f"//iam.googleapis.com/{_POOL}/providers/github",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"http://127.0.0.1:{self.port}/sts/token",
            "credential_source": {"file": str(subject)},
        }
        (self._folder / "federated.json").write_text(json.dumps(configuration), encoding="utf-8")

    def memory(self) -> Callable[[], None]:
        """With the objects and the models."""
        others, models = super().memory(), deepcopy(self.models.content)
        objects = {name: dict(one) for name, one in self.buckets.content.items()}

        def put_back() -> None:
            others()
            self.models.content = deepcopy(models)
            self.buckets.content = {name: dict(one) for name, one in objects.items()}

        return put_back

    def answer(self, request: Request) -> Answer:
        """The token, or what the description's method says."""
        self.bigquery.go_on()
        if request.path == "/sts/token":
            return self._exchange(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise refused("UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if "/storage/v1/" in request.path and not request.path.endswith(account.ON_BUCKETS):
            return self.buckets.answer(request)
        return Answer(body=self._described(request))

    def _described(self, request: Request) -> Json:
        described, method = discovery.found(_DOCUMENTS, request.method, request.path)
        if described is None or method is None:
            raise refused("NOT_FOUND", f"no method {request.method} {request.path}")
        faults = described.faults(method, request.query, request.body)
        if faults:
            raise refused("INVALID_ARGUMENT", f"Invalid JSON payload received. {'; '.join(faults)}")
        is_beta = request.path.startswith("/v1beta1/") and method.id.startswith("aiplatform.")
        act = (self._beta if is_beta else self._answers).get(method.id)
        if act is None:
            raise refused("UNIMPLEMENTED", f"the stand-in does not play {method.id}")
        body = act(request)
        wrong = described.answer_faults(method, body)
        assert not wrong, wrong
        return body

    def operate(
        self, about: str, kind: str, act: Callable[[], None], end: Callable[[], Json], *, answers: str = "",
        beta: bool = False,
    ) -> Json:  # fmt: skip
        """Begin work on a resource; ``kind`` names its messages, ``end`` is what the operation answers in the end.

        ``answers`` names that answer where it is not of this kind; ``beta`` is the version v1beta1.
        """
        name = f"{about}/operations/{len(self.operations) + 1}"
        self.begin(name, about, act, act if self.half_way else None)
        types = _BETA if beta else _TYPES
        answer = answers if "/" in answers else f"{types}{answers or f'{kind}Response'}"
        self._ends[name] = (f"{types}{kind}OperationMetadata", answer, end)
        return self._said(name, self.operations[name])

    def _operation(self, request: Request) -> Json:
        name = request.path.removeprefix("/v1/").removeprefix("/v1beta1/")
        operation = self.operations.get(name)
        if operation is None:
            raise refused("NOT_FOUND", f"The operation {name} is not found.")
        return self._said(name, operation)

    def _operations(self, request: Request) -> Json:
        about = numbered(request.path.removeprefix("/v1/").removesuffix("/operations"))
        of_region = about.count("/") == 3
        found = {
            name: one for name, one in self.operations.items()
            if one.about == about or (of_region and name.startswith(f"{about}/"))
        }  # fmt: skip
        return {"operations": [self._said(name, one) for name, one in found.items()]}

    def _said(self, name: str, operation: Operation) -> Json:
        metadata, answer, end = self._ends[name]
        said: Json = {"name": name, "metadata": {"@type": metadata}}
        if not operation.done:
            return said
        if operation.error is not None:
            return {**said, "done": True, "error": operation.error}
        return {**said, "done": True, "response": {"@type": answer, **end()}}

    def _exchange(self, request: Request) -> Answer:
        """A token for the one that the workflow has, as Google's security token service gives it."""
        asked = dict(parse_qsl(request.content.decode()))
        if asked.get("subject_token") != _SUBJECT or asked.get("grant_type") != _EXCHANGE:
            return Answer(status=400, body={"error": "invalid_grant", "error_description": "unknown subject"})
        kind = "urn:ietf:params:oauth:token-type:access_token"
        return Answer(
            body={"access_token": self.token, "issued_token_type": kind, "token_type": "Bearer", "expires_in": 3600}
        )


__all__ = ["RefusedError", "VertexService"]
