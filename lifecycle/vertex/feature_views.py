"""Feature sets as views of an online store: what they serve of an entity, and why they serve nothing.

The SDK's own FeatureView asks over gRPC and finds its client by what was set for the whole process; what it asks is the
same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import NotFoundError, UsageError
from ...core.extras import load
from ..contract.features import FeatureSet, Key
from ..features import texts
from ..patience import Patience
from .calls import Calls
from .client import CALL_SECONDS

LIMIT_SECONDS = 120.0
"""How long all of it may take."""

_DOING = "read features"


class FeatureViews:
    """The views, asked as who is signed in."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def served(self, one: FeatureSet, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, str]]:
        """What the view has of these entities; those that it does not know are left out.

        Raises NotFoundError where it is not there or never was filled, UsageError where only its network reaches it.
        """
        view, patience = one.at.view, self._calls.patience(LIMIT_SECONDS)
        client = self._client(one, patience)
        found: dict[Key, Mapping[str, str]] = {}
        for key in keys:
            answer = self._calls.found(lambda key=key: _fetch(client, view, key), patience, doing=_DOING, resource=view)
            if answer is not None:
                found[key] = _values(one, answer)
        if len(found) < len(keys):
            self._demand_filled(one, patience)
        return found

    def _client(self, one: FeatureSet, patience: Patience) -> Any:
        """The client for where the view's store answers: the region, or a name of the store's own."""
        name, vertex = one.at.view.partition("/featureViews/")[0], load("google.cloud.aiplatform_v1")
        admin = self._admin(name)

        def act() -> Any:
            return admin.get_feature_online_store(name=name, timeout=CALL_SECONDS, retry=None)

        store = self._calls.found(act, patience, doing=_DOING, resource=name)
        if store is None:
            raise NotFoundError(f"there is no online store {name}", where=name, hint="groundplan up makes it.")
        address = self._calls.of(name).address if "bigtable" in store else _own_address(one, store)
        return vertex.FeatureOnlineStoreServiceClient(**self._options(name, address))

    def _admin(self, resource: str) -> Any:
        options = self._options(resource, self._calls.of(resource).address)
        return load("google.cloud.aiplatform_v1").FeatureOnlineStoreAdminServiceClient(**options)

    def _options(self, resource: str, address: str) -> dict[str, Any]:
        """For a client that is signed in as all others of the region."""
        credentials = self._calls.of(resource).session.credentials
        return {"credentials": credentials, "transport": "rest", "client_options": {"api_endpoint": address}}

    def _demand_filled(self, one: FeatureSet, patience: Patience) -> None:
        """That an entity is not known means something only where the view is there and was filled once."""
        view = one.at.view
        admin = self._admin(view)

        def act() -> bool:
            pages = admin.list_feature_view_syncs(parent=view, timeout=CALL_SECONDS, retry=None)
            return any(_has_ended_well(sync) for sync in pages)

        filled = self._calls.found(act, patience, doing=_DOING, resource=view)
        if filled is None:
            raise NotFoundError(f"there is no view {view}", where=view, hint="groundplan up makes it.")
        if not filled:
            raise _never_filled(one)


def _fetch(client: Any, view: str, key: Key) -> Any:
    vertex = load("google.cloud.aiplatform_v1")
    wanted = vertex.FeatureViewDataKey(composite_key=vertex.FeatureViewDataKey.CompositeKey(parts=list(key)))
    request = vertex.FetchFeatureValuesRequest(feature_view=view, data_key=wanted)
    return client.fetch_feature_values(request=request, timeout=CALL_SECONDS, retry=None)


def _values(one: FeatureSet, answer: Any) -> dict[str, str]:
    """The features, in the order of the config where it names them."""
    served = {pair.name: _text(pair) for pair in answer.key_values.features}
    apart = {*one.keys, one.at.timestamp}
    return {name: served.get(name, "") for name in one.features or [name for name in served if name not in apart]}


def _text(pair: Any) -> str:
    value = pair.value
    kind = load("google.cloud.aiplatform_v1").FeatureValue.pb(value).WhichOneof("value")
    if kind is None:
        return ""
    found = getattr(value, kind)
    return texts.text(list(found.values) if kind.endswith("_array_value") else found)


def _own_address(one: FeatureSet, store: Any) -> str:
    serving = store.dedicated_serving_endpoint
    if serving.private_service_connect_config.enable_private_service_connect:
        raise UsageError(
            "the online store answers inside a network only, at the address of a forwarding rule there, over gRPC",
            where=store.name,
            hint="--offline reads the rows that the view is filled from. In the network: FeatureView.read of "
            f"google-cloud-aiplatform with connection_options, by {serving.service_attachment or 'its attachment'}.",
        )
    domain = serving.public_endpoint_domain_name
    if not domain:
        raise _never_filled(one)
    return domain if "://" in domain else f"https://{domain}"


def _never_filled(one: FeatureSet) -> NotFoundError:
    view = one.at.view
    sync = f"https://{view.split('/')[3]}-aiplatform.googleapis.com/v1/{view}:sync"
    return NotFoundError(
        f"the view of the feature set {one.name!r} has never been filled",
        where=view,
        hint="It is filled as features.schedule says, and at once by "
        f'curl -X POST -H "Authorization: Bearer $(gcloud auth print-access-token)" {sync}. '
        "Until then --offline reads the rows.",
    )


def _has_ended_well(sync: Any) -> bool:
    return bool(sync.run_time.HasField("end_time")) and sync.final_status.code == 0
