"""The endpoint's routes and its OpenAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from ...contract.deployment import Deployment
from .bodies import read_body
from .docs_page import docs_page
from .guard import App, Exchange, Guard, ServerState, respond_error
from .metrics import EndpointMetrics
from .predictor import Predictions, Predictor
from .request_log import RequestLog
from .schema import RequestError, RequestSchema, Row

_THREADS = 2
"""Predictions hold the interpreter's lock for most of their time; more threads would only queue elsewhere."""


class Endpoint:
    """What the routes share. Until ``load`` it is alive and not ready."""

    def __init__(self, deployment: Deployment) -> None:
        """Serves nothing yet."""
        self.deployment = deployment
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="predict")
        self._predictor: Predictor | None = None
        self._schema: RequestSchema | None = None

    def load(self, predictor: Predictor) -> None:
        """Become ready."""
        self._schema = RequestSchema(predictor.columns, max_rows=self.deployment.settings.max_batch_rows)
        self._predictor = predictor

    @property
    def schema(self) -> RequestSchema:
        """What requests may hold. Raises RequestError (503) until the model is loaded."""
        if self._schema is None:
            raise RequestError(503, "not-ready", "the model is being loaded; see /readyz")
        return self._schema

    async def predict(self, request: Request, exchange: Exchange) -> bytes:
        """Answer a prediction request. Raises RequestError."""
        settings, schema = self.deployment.settings, self.schema
        loop = asyncio.get_running_loop()
        deadline = loop.time() + settings.request_timeout_seconds
        body = await read_body(request, max_bytes=settings.max_body_bytes, seconds=settings.request_timeout_seconds)
        rows = schema.rows(body)
        exchange.rows = len(rows)
        try:
            async with asyncio.timeout_at(deadline):
                predictions = await self._in_thread(rows)
        except TimeoutError:
            raise RequestError(504, "timeout", f"no prediction within {settings.request_timeout_seconds} s") from None
        exchange.inputs, exchange.outputs = rows, predictions.values
        return to_json(self._answer(predictions, exchange))

    async def _in_thread(self, rows: Sequence[Row]) -> Predictions:
        """In a thread: a slow model must stop neither /healthz nor the clock."""
        assert self._predictor is not None  # noqa: S101 the schema is there, so the model is
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._predictor.predict, rows)

    def _answer(self, predictions: Predictions, exchange: Exchange) -> dict[str, object]:
        answer: dict[str, object] = {"predictions": predictions.values}
        if predictions.probabilities is not None:
            answer["probabilities"] = predictions.probabilities
        served = self.deployment.served
        return {
            **answer,
            "model": {"name": served.name, "version": served.version},
            "request_id": exchange.request_id,
        }


def build_app(endpoint: Endpoint, *, api_key: str | None, metrics: EndpointMetrics, log: RequestLog,
              state: ServerState) -> App:  # fmt: skip
    """The whole application, guarded."""
    served = endpoint.deployment.served
    api = FastAPI(
        title=f"{served.name} ({endpoint.deployment.settings.environment})",
        version=str(served.version),
        description=f"Predictions of the {served.task} model '{served.name}', version {served.version}.",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    _add_prediction(api, endpoint)
    _add_information(api, endpoint, metrics)
    api.add_exception_handler(RequestError, _request_error)
    api.add_exception_handler(HTTPException, _http_error)
    return Guard(api, deployment=endpoint.deployment, api_key=api_key, metrics=metrics, log=log, state=state)


def _add_prediction(api: FastAPI, endpoint: Endpoint) -> None:
    @api.post("/predict", summary="Predict one row or a batch", openapi_extra=_PREDICT_OPENAPI, responses=_RESPONSES)
    async def predict(request: Request) -> Response:
        """One object of fields, a list of such objects, or ``{"instances": [...]}``; the answer keeps their order."""
        return _json(await endpoint.predict(request, request.scope["exchange"]))


def _add_information(api: FastAPI, endpoint: Endpoint, metrics: EndpointMetrics) -> None:
    served, settings = endpoint.deployment.served, endpoint.deployment.settings

    async def about() -> Response:
        """Which model answers here."""
        return _json(
            to_json(
                {
                    "endpoint": settings.name,
                    "environment": settings.environment,
                    "model": {"name": served.name, "version": served.version, "digest": served.digest},
                    "task": served.task,
                    "override": served.override,
                    "predict": "/predict",
                    "documentation": "/docs",
                }
            )
        )

    async def healthz() -> Response:
        """The process lives."""
        return _json(b'{"status":"alive"}')

    async def readyz() -> Response:
        """The model is loaded; 503 until then."""
        _ = endpoint.schema
        return _json(to_json({"status": "ready", "model": served.name, "version": served.version}))

    async def numbers() -> Response:
        """Prometheus metrics."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def openapi() -> Response:
        """This endpoint's OpenAPI document."""
        return _json(to_json(openapi_document(api, endpoint.schema)))

    async def docs() -> Response:
        """The OpenAPI document as a page."""
        return docs_page(openapi_document(api, endpoint.schema))

    for path, handler in (("/", about), ("/healthz", healthz), ("/readyz", readyz), ("/metrics", numbers)):
        api.get(path, summary=(handler.__doc__ or "").rstrip("."))(handler)
    api.get("/openapi.json", include_in_schema=False)(openapi)
    api.get("/docs", include_in_schema=False)(docs)


_PREDICT_OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/Row"},
                        {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
                        {
                            "type": "object",
                            "required": ["instances"],
                            "additionalProperties": False,
                            "properties": {
                                "instances": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}}
                            },
                        },
                    ]
                }
            }
        },
    }
}

_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["predictions", "model", "request_id"],
    "properties": {
        "predictions": {"type": "array", "items": {}},
        "probabilities": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {"type": "number"}},
        },
        "model": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "version": {"type": "integer"}},
        },
        "request_id": {"type": "string"},
    },
}

_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error", "message", "detail", "request_id"],
    "properties": {
        "error": {"type": "string"},
        "message": {"type": "string"},
        "detail": {"type": "array", "items": {"type": "object"}},
        "request_id": {"type": "string"},
    },
}

_ERRORS: dict[int, str] = {
    400: "The body is not JSON",
    401: "The API key is missing or wrong",
    408: "The body arrived too slowly",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    421: "The endpoint does not answer under this Host",
    422: "A field is missing, unknown or of a wrong type; the batch is too large; or the model refuses the values",
    503: "The model is not loaded yet",
    504: "The model took too long",
}

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Predictions in the order of the rows",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}},
    },
    **{
        status: {
            "description": description,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
        for status, description in _ERRORS.items()
    },
}


def openapi_document(api: FastAPI, schema: RequestSchema) -> dict[str, Any]:
    """FastAPI's document with the schemas of rows, answers and errors."""
    document = {**api.openapi()}
    components = {**document.get("components", {})}
    components["schemas"] = {"Row": schema.json_schema(), "Answer": _ANSWER, "Error": _ERROR}
    return {**document, "components": components}


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


async def _request_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 registered for it
    return _ErrorResponse(error, request.scope["exchange"])


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 registered for it
    codes = {404: "not-found", 405: "method-not-allowed"}
    code = codes.get(error.status_code, "http")
    return _ErrorResponse(RequestError(error.status_code, code, str(error.detail)), request.scope["exchange"])


class _ErrorResponse(Response):
    def __init__(self, error: RequestError, exchange: Exchange) -> None:
        super().__init__()
        self._error = error
        self._exchange = exchange

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await respond_error(self._error, self._exchange, send)
