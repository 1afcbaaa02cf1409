"""The request log of an endpoint as a table with a column for each feature: the query that a model monitor reads.

JSON functions of BigQuery: https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ..contract.monitoring import FeatureProfile

DataType = Literal["float", "boolean", "categorical"]

TIMESTAMP: Final = "groundplan_logging_time"
"""The column with the time of a request."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
"""What BigQuery takes as the name of a column, and JSON as a key in a path, without more ado."""

_SQL: Final = (
    "SELECT logging_time AS {time}, {columns} FROM `{table}` "
    "CROSS JOIN UNNEST(IFNULL(JSON_QUERY_ARRAY(request_payload[SAFE_OFFSET(0)], '$.instances'), request_payload)) "
    "AS instance WITH OFFSET AS asked "
    "CROSS JOIN UNNEST(IFNULL(JSON_QUERY_ARRAY(response_payload[SAFE_OFFSET(0)], '$.predictions'), response_payload)) "
    "AS answer WITH OFFSET AS answered "
    "WHERE asked = answered AND deployed_model_id IN ({ids}) "
    "AND logging_time >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {hours} HOUR)"
)
_TYPED: Final = {"float": "SAFE_CAST({} AS FLOAT64)", "boolean": "SAFE_CAST({} AS BOOL)", "categorical": "{}"}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column; ``answer`` says that it is the model's answer, not a feature that it was asked with."""

    name: str
    type: DataType
    answer: bool = False


def column(profile: FeatureProfile, *, answer_as: str = "") -> Column | None:
    """The column of a feature, or of the answers under another name; None where no column can be called so."""
    name = answer_as or profile.name
    if not _NAME.fullmatch(name) or name == TIMESTAMP:
        return None
    return Column(name=name, type=_type(profile), answer=bool(answer_as))


def query(table: str, columns: Sequence[Column], deployed_models: Sequence[str], *, hours: int) -> str:
    """The rows of these deployed models of so many hours, each with its answer."""
    return _SQL.format(
        time=TIMESTAMP,
        columns=", ".join(f"{_value(one)} AS `{one.name}`" for one in columns),
        table=table,
        ids=", ".join(f"'{id}'" for id in deployed_models),
        hours=hours,
    )


def _type(profile: FeatureProfile) -> DataType:
    if profile.kind == "numeric":
        return "float"
    return "boolean" if profile.categories and set(profile.categories) <= {"True", "False"} else "categorical"


def _value(one: Column) -> str:
    if one.answer:
        return _TYPED[one.type].format("COALESCE(JSON_VALUE(answer, '$.prediction'), JSON_VALUE(answer))")
    return _TYPED[one.type].format(f"JSON_VALUE(instance, '$.{one.name}')")
