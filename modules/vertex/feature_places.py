"""Where feature sets are read at Google Cloud: their tables, and the views that ``up`` made of them."""

from __future__ import annotations

from ...lifecycle.contract.features import FeaturePlace
from ..contract.context import Context
from ..contract.features import FeatureSetArguments
from . import names

TIMESTAMP = "feature_timestamp"
"""The column by which Vertex AI knows when a row was true; no setting names another."""


def feature_place(context: Context, one: FeatureSetArguments, *, online: bool) -> FeaturePlace:
    """The place of a set; the name of its view is "" where none serves what its rows say.

    A view of a whole table takes one row for each entity: of a set with a time it would serve any of them.
    """
    serves = online and bool(one.features or one.timestamp is None)
    return FeaturePlace(
        workspace=names.location_path(context),
        uri=f"bq://{table(context, one)}",
        view=f"{names.location_path(context)}/featureOnlineStores/{store_name(context)}/featureViews/{view_name(one)}"
        if serves
        else "",
        timestamp=TIMESTAMP,
    )


def table(context: Context, one: FeatureSetArguments) -> str:
    """``project.dataset.table`` of a source: a table, or the data source's own in the features' dataset."""
    source = one.source.removeprefix("bq://")
    project = context.account.project
    match source.count("."):
        case 0:
            return f"{project}.{names.features_dataset(context)}.{source.replace('-', '_')}"
        case 1:
            return f"{project}.{source}"
        case _:
            return source


def store_name(context: Context) -> str:
    """The name of a stack's online store."""
    return names.identifier(context, 60)


def view_name(one: FeatureSetArguments) -> str:
    """The name of a set's view."""
    return one.name.replace("-", "_")
