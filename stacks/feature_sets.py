"""The feature sets of a config as the lifecycle reads them: which columns, and where an environment has the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..core.errors import NotFoundError, UsageError
from ..core.suggestions import did_you_mean
from ..lifecycle.contract.features import FeaturePlace, FeatureSet
from ..modules.contract.features import FeatureSetArguments
from . import settings
from .config.resolved import Resolved
from .pipelines import data_source
from .platforms import module


def feature_sets(resolved: Resolved) -> Mapping[str, FeatureSet]:
    """The sets of the resolved environment by name. Raises NotFoundError, UsageError for a source that is none."""
    return {one.name: _set(one, resolved) for one in settings.feature_sets(resolved.config)}


def _set(one: FeatureSetArguments, resolved: Resolved) -> FeatureSet:
    where = resolved.origins[f"features.sets.{one.name}.source"].where
    place = _place(one, resolved)
    known = FeatureSet(
        name=one.name, entity=one.entity, keys=one.keys, features=one.features, timestamp=one.timestamp, place="",
        where=where, at=place,
    )  # fmt: skip
    if resolved.config.platform == "vertex":
        return replace(known, timestamp=one.timestamp and place.timestamp, place=place.uri)
    return _of_data(known, one.source, resolved)


def _place(one: FeatureSetArguments, resolved: Resolved) -> FeaturePlace:
    config = resolved.config
    if config.platform == "local":
        return FeaturePlace(workspace="")
    found: FeaturePlace = module(config.platform, "feature_places").feature_place(
        settings.context(resolved, resolved.environment), one, online=config.features.online
    )
    return found


def _of_data(one: FeatureSet, name: str, resolved: Resolved) -> FeatureSet:
    """A set whose rows are a data source's: a file of this machine, or one that the cloud keeps."""
    platform, sources = resolved.config.platform, resolved.config.data.sources
    if name not in sources and ("." in name or "/" in name):
        raise UsageError(
            f"the feature set {one.name!r} reads {name!r}, and on {platform} a set reads a data source",
            where=one.where,
            hint="Name it below data.sources, with its path or its uri.",
        )
    if name not in sources:
        raise NotFoundError(
            f"the feature set {one.name!r} reads {name!r}, and there is no such data source",
            where=one.where,
            hint=did_you_mean(name, sources),
        )
    section = sources[name]
    if section.uri is None:
        place = section.path or f"{section.sklearn} of scikit-learn"
        return replace(one, place=place, source=data_source(resolved, name))
    named = section.version is not None and section.uri.startswith("azureml:") and section.uri.count(":") == 1
    uri = f"{section.uri}:{section.version}" if named and "://" not in section.uri else section.uri
    return replace(one, place=uri, at=replace(one.at, uri=uri))
