"""What a request may hold: pydantic types made from the model's signature, and errors that name the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, cast

from pydantic import ConfigDict, Field, StrictBool, StrictStr, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from ....core.errors import DataError
from ..loading import Column

_MAX_ERRORS = 20

_TYPES: dict[str, tuple[Any, str]] = {
    "double": (float, "a number"),
    "float": (float, "a number"),
    "long": (Annotated[int, Field(ge=-(2**63), le=2**63 - 1)], "a whole number"),
    "integer": (Annotated[int, Field(ge=-(2**31), le=2**31 - 1)], "a whole number of 32 bits"),
    "string": (StrictStr, "text"),
    "boolean": (StrictBool, "true or false"),
}

Row = Mapping[str, object]


class RequestError(Exception):
    """A request that cannot be answered: its HTTP status, a stable name for it, what is wrong, and where."""

    def __init__(self, status: int, code: str, message: str, detail: Sequence[Mapping[str, object]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = tuple(detail)


class RequestSchema:
    """Reads request bodies for a model with these columns."""

    def __init__(self, columns: Sequence[Column], *, max_rows: int) -> None:
        """Raises DataError for a column of a type that JSON cannot carry."""
        self.columns = tuple(columns)
        self._max_rows = max_rows
        self._expected = {column.name: _expected(column) for column in columns}
        self._row: TypeAdapter[Any] = TypeAdapter(_row_type(columns))
        self._rows: TypeAdapter[Any] = TypeAdapter(list[self._row._type])  # type: ignore[name-defined]  # noqa: SLF001

    def json_schema(self) -> dict[str, Any]:
        """The JSON schema of one row."""
        return {**self._row.json_schema(), "title": "Row"}

    def rows(self, body: bytes) -> list[Row]:
        """The rows of a body: one object, a list of objects, or ``{"instances": [...]}``. Raises RequestError."""
        try:
            value: object = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise RequestError(400, "invalid-json", f"the body is not JSON: {error}") from None
        instances = self._instances(value)
        if not 1 <= len(instances) <= self._max_rows:
            raise RequestError(
                422, "batch-size", f"the body holds {len(instances)} rows; from 1 to {self._max_rows} are taken"
            )
        try:
            return cast("list[Row]", self._rows.validate_python(instances))
        except ValidationError as error:
            detail = [self._problem(one) for one in error.errors(include_url=False, include_input=False)[:_MAX_ERRORS]]
            message = "; ".join(str(problem["msg"]) for problem in detail[:3])
            raise RequestError(422, "invalid-input", message, detail) from None

    def _instances(self, value: object) -> list[object]:
        if isinstance(value, list):
            return cast("list[object]", value)
        if isinstance(value, dict) and "instances" in value and "instances" not in self._expected:
            body = cast("dict[str, object]", value)
            instances = body["instances"]
            if len(body) > 1 or not isinstance(instances, list):
                raise RequestError(422, "invalid-input", "'instances' is a list of rows and stands alone")
            return cast("list[object]", instances)
        return [value]

    def _problem(self, error: Mapping[str, Any]) -> dict[str, object]:
        """One problem in FastAPI's form (type, loc, msg), with the row, the field and what was expected."""
        row, *path = error["loc"]
        field = str(path[0]) if path else ""
        expected = self._expected.get(field, "no such field" if field else "an object of fields")
        where = f"field {field!r} of row {row}" if field else f"row {row}"
        said = {"missing": "is missing", "extra_forbidden": "is not a field of the model"}.get(
            error["type"], f"must be {expected}"
        )
        if error["type"] == "missing":
            said = f"is missing; it must be {expected}"
        return {
            "type": error["type"],
            "loc": ["body", row, *path],
            "field": field,
            "row": row,
            "expected": expected,
            "msg": f"{where} {said}",
        }


def _row_type(columns: Sequence[Column]) -> Any:
    fields: dict[str, Any] = {}
    for column in columns:
        if column.type not in _TYPES:
            raise DataError(
                f"the model's column {column.name!r} has type {column.type}, which an endpoint cannot take",
                hint=f"Train it on columns of these types: {', '.join(_TYPES)}.",
            )
        kind = _TYPES[column.type][0]
        fields[column.name] = kind if column.required else NotRequired[kind | None]
    row = TypedDict("Row", fields)  # pyright: ignore[reportGeneralTypeIssues, reportArgumentType]
    row.__pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)  # type: ignore[attr-defined]
    return row


def _expected(column: Column) -> str:
    name = _TYPES.get(column.type, (None, column.type))[1]
    return name if column.required else f"{name} or null"
