"""Tells those in monitoring.notify of alerts that are new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core import clock
from ...stacks.config.section import seconds
from ..session import Session
from .watched import Watched

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import MonitorCheck, MonitorReport
    from ...lifecycle.local.monitoring.notifying import Channel, Message
    from ...stacks.config.operations import Mail, Notify, Webhook


def tell(session: Session, one: Watched, reports: Sequence[MonitorReport]) -> list[str]:
    """Tell people of what alerts and did not before; says of whom it could not be told. An alert that ended and comes
    again is told again.
    """
    from ...lifecycle.local.monitoring.notifying import deliver

    monitoring = one.config.config.monitoring
    known = one.store.told(one.plan.endpoint, one.plan.environment)
    alerting = {f"v{report.version} {key}": report for report in reports for key in report.alerts}
    new = {report.version: report for name, report in alerting.items() if name not in known}
    problems: list[str] = []
    channels = _channels(one, monitoring.notify, monitoring.alerts)
    for report in new.values() if channels else ():
        session.output.message(f"telling {len(channels)} of the alerts on {report.who}", "dim")
        problems += deliver(
            channels, message(report), seconds=seconds(monitoring.notify.timeout), attempts=monitoring.notify.attempts
        )
    if len(problems) < max(1, len(channels) * len(new)):  # nobody reached: the next run tries again
        now = clock.to_text(clock.now())
        one.store.keep_told(
            one.plan.endpoint, one.plan.environment, {name: known.get(name, now) for name in sorted(alerting)}
        )
    return problems


def message(report: MonitorReport) -> Message:
    """What people read of a report that alerts."""
    from ...lifecycle import managed, monitoring
    from ...lifecycle.local.monitoring.notifying import Message
    from .shown import report_data

    told = monitoring.alerting(report)
    where = f"{report.who} at {report.endpoint} in {report.environment}"
    first = managed.named(told[0]) if told[0].source else f"{told[0].area} of {told[0].subject}"
    more = f" and {len(told) - 1} more" if len(told) > 1 else ""
    rows = f", {report.rows} rows" if report.version else ""
    lines = [
        f"{where}, {report.window.start} to {report.window.end}{rows}:",
        *(_line(managed.named(check), check, report) for check in told),
        "groundplan monitor report shows all of it.",
    ]
    return Message(subject=f"groundplan: {where}: {first}{more}", text="\n".join(lines), data=report_data(report))


def _line(name: str, check: MonitorCheck, report: MonitorReport) -> str:
    value = "-" if check.value is None else f"{check.value:.4g}"
    least = "at least " if check.is_likeness else ""
    allowed = "" if check.threshold is None else f" (allowed {least}{check.threshold:.4g})"
    since = clock.for_people(report.since[check.key])
    return f"- {name}: {check.statistic} {value}{allowed}, since {since}. {check.detail}"


def _channels(one: Watched, notify: Notify, recipients: Sequence[str]) -> list[Channel]:
    """Raises UsageError for a reference that names nothing."""
    from ...stacks.config.secrets import value_of

    resolve = partial(value_of, where=f"{one.config.path}")
    channels: list[Channel] = [_webhook(section, resolve) for section in notify.webhooks]
    if notify.mail is not None and recipients:
        channels.append(_mail(notify.mail, recipients, resolve))
    return channels


def _webhook(section: Webhook, resolve: Callable[[str], str]) -> Channel:
    from ...lifecycle.local.monitoring.notifying import WebhookChannel

    url = resolve(section.url) if section.url.startswith("${") else section.url
    token = resolve(section.token) if section.token else None
    return WebhookChannel(url=url, kind=section.kind, token=token)


def _mail(section: Mail, recipients: Sequence[str], resolve: Callable[[str], str]) -> Channel:
    from ...lifecycle.local.monitoring.notifying import MailChannel

    return MailChannel(
        host=section.host, port=section.port, sender=section.sender, recipients=tuple(recipients),
        encryption=section.encryption, user=section.user,
        password=resolve(section.password) if section.password else None,
    )  # fmt: skip
