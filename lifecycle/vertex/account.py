"""A project of Google Cloud as ``doctor`` asks for it: plain signed questions that change nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast

from ...core import clock
from ...core.errors import GroundplanError, NotFoundError, ResourceFailedError
from ...core.extras import load
from ..contract.account import AccountState, Asked, Caller, Held, Quota
from ..patience import Pace, Patience
from . import errors, quotas
from .client import address_of, answer, signed_in

_PACE = Pace(first_seconds=0.5, longest_seconds=4.0, tries=3)
_LOOKING_SECONDS = 30.0
_CALL_SECONDS = 15.0
_AT_ONCE = 100
"""How many permissions may be asked for at once."""
_SERVICES_AT_ONCE = 30
_USAGE_AGE = timedelta(days=2)
"""How old a figure of what is in use may be: it is measured at least once a day."""
_KEEPERS = {
    "accessPolicies": ("accesscontextmanager", "v1"),
    "billingAccounts": ("cloudbilling", "v1"),
    "projects": ("cloudresourcemanager", "v3"),
    "serviceAccounts": ("iam", "v1"),
}
"""The service that decides what somebody may do, by the kind of place."""

_BROWSER, _USAGE, _QUOTA = (
    "roles/browser",
    "roles/serviceusage.serviceUsageViewer",
    "roles/servicemanagement.quotaViewer",
)
_COMPUTE, _REVIEWER = "roles/compute.viewer", "roles/iam.securityReviewer"
_METRICS = "roles/monitoring.viewer"
"""The least of Google's roles for each question."""

_Answer = TypeVar("_Answer")
_STRANGE = re.compile(r"[Pp]ermission (?P<name>[\w./]+) is not valid")


class GoogleAccount:
    """A project, by its id."""

    def __init__(self, project: str, *, pace: Pace = _PACE) -> None:
        self._project = project
        self._pace = pace
        self._lock = threading.Lock()
        self._made: tuple[Any, Any] | None = None

    @property
    def _id(self) -> str:
        return f"projects/{self._project}"

    def prepare(self) -> None:
        """Import what the questions need."""
        for name in (
            "google.auth.transport.requests", "google.api_core.operations_v1", "google.cloud.aiplatform_v1",
            "google.cloud.storage.exceptions", "requests",
        ):  # fmt: skip
            load(name)

    def caller(self) -> Caller:
        """Who is signed in, as far as the credentials say it; a token is asked for and goes nowhere."""
        credentials, _ = self._signed_in()
        request = load("google.auth.transport.requests").Request()
        self._ask(lambda: credentials.refresh(request), doing="sign you in", role=_BROWSER)
        who = getattr(credentials, "service_account_email", "") or getattr(credentials, "account", "")
        return Caller(name="" if who in (None, "default") else str(who))

    def state(self) -> AccountState:
        """The project."""
        url = f"{address_of('cloudresourcemanager', 'cloudresourcemanager.googleapis.com')}/v3/{self._id}"
        try:
            found = self._get(url, doing="show the project", role=_BROWSER)
        except NotFoundError as error:
            raise NotFoundError(
                f"there is no project {self._project}, or you may not see it",
                where=self._id,
                hint="gcloud projects list shows those that you may see; account.project in the config names one.",
            ) from error
        state = str(found.get("state", ""))
        return AccountState(
            name=str(found.get("displayName", "")), state=state, usable=state == "ACTIVE",
            number=str(found.get("name", "")).removeprefix("projects/"),
        )  # fmt: skip

    def switched_off(self, services: Collection[str]) -> Sequence[str]:
        """The services that are not enabled in the project."""
        url = f"{address_of('serviceusage', 'serviceusage.googleapis.com')}/v1/{self._id}/services:batchGet"
        wanted, enabled = list(services), set[str]()
        for start in range(0, len(wanted), _SERVICES_AT_ONCE):
            names = [f"{self._id}/services/{one}" for one in wanted[start : start + _SERVICES_AT_ONCE]]
            for one in self._get(url, doing="list the services", role=_USAGE, names=names).get("services", ()):
                if one.get("state") == "ENABLED":
                    enabled.add(str(one["name"]).rpartition("/")[2])
        return [one for one in wanted if one not in enabled]

    def held(self, scope: str, permissions: Sequence[Asked]) -> Held:
        """What is lacking on a project, billing account, access policy, service account or bucket (``gs://``)."""
        names = [one.name for one in permissions]
        try:
            return self._held(scope, names)
        except NotFoundError:
            if scope == self._id:
                raise
            return self._held(self._id, names)

    def reservations(self, scopes: Collection[str]) -> Sequence[str]:
        """Conditions on what the policies of projects give the caller, a group, or everybody of a kind."""
        caller = self.caller().name
        projects = dict.fromkeys(one for one in scopes if one.startswith("projects/") and one.count("/") == 1)
        return [text for one in projects for text in _conditions(one, self._policy(one), caller)]

    def quotas(self, region: str, families: Collection[str]) -> Mapping[str, Quota]:
        """Vertex AI's quotas, of which Cloud Monitoring may say what is used, and those of Compute Engine."""
        found: dict[str, Quota] = {}
        if any(quotas.is_vertex(one) for one in families):
            host = address_of("serviceusage", "serviceusage.googleapis.com")
            url = f"{host}/v1beta1/{self._id}/services/aiplatform.googleapis.com/consumerQuotaMetrics"
            metrics = self._pages(url, "metrics", doing="list the quotas", role=_QUOTA)
            found |= quotas.of_vertex(metrics, region, families, self._in_use(region))
        if any(not quotas.is_vertex(one) for one in families):
            host = address_of("compute", "compute.googleapis.com")
            url = f"{host}/compute/v1/{self._id}/regions/{region}"
            found |= quotas.of_compute(
                self._get(url, doing="list the quotas", role=_COMPUTE).get("quotas", ()), families
            )
        return found

    def _in_use(self, region: str) -> Mapping[str, float]:
        """What Cloud Monitoring says is in use of Vertex AI's quotas; nothing where it does not answer."""
        now = clock.now()
        url = f"{address_of('monitoring', 'monitoring.googleapis.com')}/v3/{self._id}/timeSeries"
        interval = {"interval.startTime": clock.to_text(now - _USAGE_AGE), "interval.endTime": clock.to_text(now)}
        try:
            return quotas.in_use(
                self._pages(
                    url, "timeSeries", doing="read what is in use of the quotas", role=_METRICS,
                    filter=quotas.USAGE.format(region=region), view="FULL", **interval,
                )
            )  # fmt: skip
        except GroundplanError:
            return {}

    def _policy(self, project: str) -> Mapping[str, Any]:
        _, session = self._signed_in()
        url, body = f"{_keeper(project)}/{project}:getIamPolicy", {"options": {"requestedPolicyVersion": 3}}
        return self._ask(
            lambda: answer(session.post(url, json=body, timeout=_CALL_SECONDS)),
            doing="show who has which role", role=_REVIEWER, resource=project,
        )  # fmt: skip

    def _held(self, scope: str, names: Sequence[str]) -> Held:
        """Asked again without those that a place does not know: Google refuses a whole question for one of them."""
        granted, undecided, waiting = set[str](), list[str](), list(dict.fromkeys(names))
        while waiting:
            now = waiting[:_AT_ONCE]
            try:
                granted.update(self._test(scope, now))
            except _StrangeError as strange:
                undecided.append(strange.name)
                waiting.remove(strange.name)
                continue
            waiting = waiting[_AT_ONCE:]
        lacking = tuple(one for one in names if one not in granted and one not in undecided)
        return Held(scope=scope, lacking=lacking, undecided=tuple(undecided))

    def _test(self, scope: str, names: Sequence[str]) -> Sequence[str]:
        doing = "say what you may do"
        if scope.startswith("gs://"):
            host = address_of("storage", "storage.googleapis.com")
            url = f"{host}/storage/v1/b/{scope.removeprefix('gs://')}/iam/testPermissions"
            return self._get(url, doing=doing, role=_BROWSER, resource=scope, permissions=list(names)).get(
                "permissions", ()
            )
        url = f"{_keeper(scope)}/{scope}:testIamPermissions"
        _, session = self._signed_in()

        def act() -> Mapping[str, Any]:
            try:
                return answer(session.post(url, json={"permissions": list(names)}, timeout=_CALL_SECONDS))
            except load("google.api_core.exceptions").BadRequest as error:
                strange = _STRANGE.search(str(error))
                if strange is None or strange["name"] not in names:
                    raise
                raise _StrangeError(strange["name"]) from error

        return self._ask(act, doing=doing, role=_BROWSER, resource=scope).get("permissions", ())

    def _pages(self, url: str, key: str, *, doing: str, role: str, **asked: object) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        token: str | None = ""
        while token is not None:
            more = {"pageToken": token} if token else {}
            page = self._get(url, doing=doing, role=role, pageSize=500, **asked, **more)
            found += page.get(key, ())
            token = page.get("nextPageToken") or None
        return found

    def _get(self, url: str, *, doing: str, role: str, resource: str = "", **parameters: object) -> Mapping[str, Any]:
        _, session = self._signed_in()

        def act() -> Mapping[str, Any]:
            return answer(session.get(url, params=parameters, timeout=_CALL_SECONDS))

        found: object = self._ask(act, doing=doing, role=role, resource=resource)
        if not isinstance(found, dict):
            raise ResourceFailedError(
                f"Google Cloud could not {doing}: the answer is not Google's", where=self._id, hint="Look at the proxy."
            )
        return cast("Mapping[str, Any]", found)

    def _ask(self, act: Callable[[], _Answer], *, doing: str, role: str, resource: str = "") -> _Answer:
        api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
        network = load("requests.exceptions").RequestException
        patience = Patience(seconds=_LOOKING_SECONDS, pace=self._pace)
        try:
            return patience.call(act, errors.again, doing=doing)
        except (api.GoogleAPICallError, auth.GoogleAuthError, network) as error:
            raise errors.of_account(error, doing=doing, scope=resource or self._id, role=role) from error

    def _signed_in(self) -> tuple[Any, Any]:
        """The credentials, and the session that signs with them. Raises AuthenticationError."""
        with self._lock:
            if self._made is None:
                credentials = signed_in()
                session = load("google.auth.transport.requests").AuthorizedSession(credentials)
                self._made = (credentials, session)
        return self._made


def _conditions(place: str, policy: Mapping[str, Any], caller: str) -> Iterator[str]:
    """Those on a role of the caller, or of somebody who may be the caller: a group, everybody of a kind."""
    for one in policy.get("bindings", ()):
        condition: Mapping[str, Any] = one.get("condition") or {}
        if condition and any(_may_be(str(member), caller) for member in one.get("members", ())):
            what = condition.get("title") or condition.get("expression", "")
            yield f"a condition on {one.get('role', 'a role')} on {place}: {what}"


def _may_be(member: str, caller: str) -> bool:
    kind, _, name = member.partition(":")
    return not caller or name == caller or kind not in ("user", "serviceAccount")


class _StrangeError(Exception):
    """A place does not know this permission."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _keeper(scope: str) -> str:
    """The address of the service that decides about a place."""
    kind = "serviceAccounts" if "/serviceAccounts/" in scope else scope.partition("/")[0]
    service, version = _KEEPERS[kind]
    return f"{address_of(service, f'{service}.googleapis.com')}/{version}"
