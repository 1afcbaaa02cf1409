"""Where feature sets are read at Azure ML: by the workspace; their rows are data sources."""

from __future__ import annotations

from ...lifecycle.contract.features import FeaturePlace
from ..contract.context import Context
from ..contract.features import FeatureSetArguments
from . import names


def feature_place(context: Context, one: FeatureSetArguments, *, online: bool) -> FeaturePlace:
    """The place of a set. No view serves it: an online store is not groundplan's to make there."""
    del one, online
    workspace = names.workspace_name(context)
    return FeaturePlace(workspace=names.resource_id(context, "Microsoft.MachineLearningServices/workspaces", workspace))
