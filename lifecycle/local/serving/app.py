"""The endpoint's routes and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from ...contract.deployment import ServedModel
from .docs_page import docs_page
from .exchange import App, Exchange, Receive, Scope, Send, respond_error, respond_json
from .guard import Guard, ServerState
from .metrics import EndpointMetrics
from .request_log import RequestLog
from .router import Router, not_ready
from .schema import RequestError


def build_app(router: Router, *, api_key: str | None, metrics: EndpointMetrics, log: RequestLog,
              state: ServerState) -> App:  # fmt: skip
    """The whole application, guarded."""
    served = state.deployment.served
    api = FastAPI(
        title=f"{served.name} ({state.deployment.settings.environment})",
        version=str(served.version),
        description=_description(served),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    _describe_prediction(api)
    _add_information(api, router, metrics, state)
    api.add_exception_handler(RequestError, _request_error)
    api.add_exception_handler(HTTPException, _http_error)
    return Guard(_Predictions(router, api), api_key=api_key, metrics=metrics, log=log, state=state)


class _Predictions:
    """Answers predictions itself and leaves the rest to the framework, which would take longer than the forwarding."""

    def __init__(self, router: Router, api: App) -> None:
        self._router = router
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] != "/predict" or scope["method"] != "POST":
            await self._api(scope, receive, send)
            return
        answer = await self._router.predict(Request(scope, receive), scope["exchange"])
        await respond_json(answer.status, answer.body, send)


def _describe_prediction(api: FastAPI) -> None:
    @api.post("/predict", summary="Predict one row or a batch", openapi_extra=_PREDICT_OPENAPI, responses=_RESPONSES)
    async def predict() -> None:
        """One object of fields, a list of such objects, or ``{"instances": [...]}``; the answer keeps their order."""


def _add_information(api: FastAPI, router: Router, metrics: EndpointMetrics, state: ServerState) -> None:
    settings = state.deployment.settings

    async def about() -> Response:
        """Which model answers here."""
        served = state.deployment.served
        return _json(
            to_json(
                {
                    "endpoint": settings.name,
                    "environment": settings.environment,
                    "model": {"name": served.name, "version": served.version, "digest": served.digest},
                    "task": served.task,
                    "override": served.override,
                    "shares": {str(version): share for version, share in state.deployment.split.shares.items()},
                    "predict": "/predict",
                    "documentation": "/docs",
                }
            )
        )

    async def healthz() -> Response:
        """The process lives."""
        return _json(b'{"status":"alive"}')

    async def readyz() -> Response:
        """A version that has a share is loaded; 503 until then."""
        if not router.is_ready:
            raise not_ready()
        served = state.deployment.served
        return _json(to_json({"status": "ready", "model": served.name, "version": served.version}))

    async def numbers() -> Response:
        """Prometheus metrics."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def openapi() -> Response:
        """This endpoint's OpenAPI document."""
        return _json(to_json(openapi_document(api, router.row_schema, state.deployment.served)))

    async def docs() -> Response:
        """The OpenAPI document as a page."""
        return docs_page(openapi_document(api, router.row_schema, state.deployment.served))

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
    502: "The model's process ended before it answered",
    503: "No version that has a share of the requests is ready",
    504: "The model took too long, or answered nobody any more and was ended",
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


def openapi_document(api: FastAPI, row: Mapping[str, Any], served: ServedModel) -> dict[str, Any]:
    """FastAPI's document with the version that is served now and the schemas of rows, answers and errors."""
    document = {**api.openapi()}
    document["info"] = {**document["info"], "version": str(served.version), "description": _description(served)}
    components = {**document.get("components", {})}
    components["schemas"] = {"Row": row, "Answer": _ANSWER, "Error": _ERROR}
    return {**document, "components": components}


def _description(served: ServedModel) -> str:
    return f"Predictions of the {served.task} model '{served.name}', version {served.version}."


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
