"""Feature sets of the config by name, and the platform that has their rows."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from ..core.errors import NotFoundError, Problem
from ..core.layout import Layout
from ..core.suggestions import did_you_mean
from ..lifecycle.contract.features import Features, FeatureSet
from ..stacks.config.resolved import Resolved
from . import fetched


def chosen(known: Mapping[str, FeatureSet], names: Sequence[str]) -> list[FeatureSet]:
    """The sets with these names, each once. Raises NotFoundError that names all that there are not."""
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if not known:
        raise NotFoundError(
            "the config names no feature set",
            hint="groundplan.yaml: features: {sets: {NAME: {source: main, entity: customer, keys: [id]}}}",
        )
    if unknown:
        told = [
            Problem(message=f"there is no feature set {name!r}", hint=did_you_mean(name, known)) for name in unknown
        ]
        raise NotFoundError(told[0].message, hint=told[0].hint, problems=told)
    return [known[name] for name in dict.fromkeys(names)]


@contextmanager
def opened(config: Resolved) -> Generator[Features]:
    """What the platform has of feature sets; rows that are fetched for it are gone afterwards."""
    layout = Layout(config.root)
    if config.config.platform == "local":
        from ..lifecycle.local.features import LocalFeatures

        yield LocalFeatures(layout)
        return
    from . import clouds

    with fetched.folder(layout.cloud) as folder:
        yield clouds.features(config, folder)
