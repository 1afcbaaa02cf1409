"""The cloud's quota, against the machines of the plan."""

from .....lifecycle.contract.account import Quota
from .....modules.contract.planned import QuotaNeed
from ...diagnosis import Diagnosis, State
from ..view import View

_ORDER: tuple[State, ...] = ("bad", "unknown", "warn", "ok")


def look(view: View) -> Diagnosis:
    """The worst of all quotas that the plan counts on, each as evidence."""
    needs = view.planned.quota
    if not needs:
        return Diagnosis(state="ok", found="the plan has no machines")
    answers = [answer for region in dict.fromkeys(one.region for one in needs) for answer in _of(view, region, needs)]
    state = _worst({state for state, _ in answers})
    worst = [text for one, text in answers if one == state]
    regions = " ".join(view.remedies.quota(one) for one in dict.fromkeys(one.region for one in needs))
    return Diagnosis(
        state=state, found="; ".join(worst), needed="enough for all machines at once, in a rollout too",
        fix="" if state == "ok" else f"{regions}; or take smaller or other machines (size, max_nodes, max_instances)",
        evidence=tuple(text for _, text in answers),
    )  # fmt: skip


def _worst(states: set[State]) -> State:
    return min(states, key=_ORDER.index)


def _of(view: View, region: str, needs: tuple[QuotaNeed, ...]) -> list[tuple[State, str]]:
    here = [one for one in needs if one.region == region]
    found = view.account.quotas(region, [one.family for one in here])
    return [_judged(one, found.get(one.family)) for one in here]


def _judged(need: QuotaNeed, quota: Quota | None) -> tuple[State, str]:
    what = f"{need.family} in {need.region}: {need.amount:g} {need.unit} needed"
    if quota is None:
        return "unknown", f"{what}, and the cloud does not tell of such a quota"
    if need.amount > quota.limit:
        return "bad", f"{what}, {quota.limit:g} allowed"
    if quota.used is None:
        return "ok", f"{what}, {quota.limit:g} allowed; how much of it is in use is not told there"
    if need.amount > quota.limit - quota.used:
        return "warn", f"{what}, {quota.limit:g} allowed, {quota.used:g} in use, perhaps by these machines themselves"
    return "ok", f"{what}, {quota.limit:g} allowed, {quota.used:g} in use"
