"""Sections that keep a product alive: monitoring, retraining, budget, policies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .section import Cron, Day, Duration, Name, Section, Share, Text


class Drift(Section):
    """When inputs count as drifted from the training data."""

    statistic: Literal["psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein"] = "psi"
    """The two-sample statistic; categories are compared by chi-squared where this one needs numbers."""

    threshold: Annotated[float, Field(gt=0)] = 0.2
    """The value from which a feature counts as drifted."""

    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    """Tests: the chance of one false alarm in a window, over all its features."""

    min_rows: Annotated[int, Field(ge=1)] = 500
    """Smaller windows are not judged."""

    alert_windows: Annotated[int, Field(ge=1, le=100)] = 2
    """So many of the last ``of_windows`` windows must be drifted, and the latest one, before anybody is told."""

    of_windows: Annotated[int, Field(ge=1, le=100)] = 3
    """See ``alert_windows``."""

    max_missing_increase: Share = 0.1
    """By how much the share of missing values of a feature may grow."""

    max_unseen: Share = 0.01
    """The share of values that the training data did not have: beyond its range, or in no category of it."""


class Attribution(Section):
    """When the columns that decide a model's answers count as others than those that did."""

    enabled: bool = False
    """Whether the model itself is asked what its answers depend on, for each window and version: that takes seconds."""

    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """The least likeness (NDCG, at most 1) of the columns' ranking to that on the held-out rows."""


class EndpointHealth(Section):
    """When an endpoint counts as unwell."""

    latency_ms: Annotated[float, Field(gt=0)] = 500.0
    """The 95th percentile of the response time, in milliseconds."""

    error_share: Annotated[float, Field(gt=0, le=1)] = 0.01
    """The share of requests that fail."""

    refused_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    """The share of requests that are refused for what they hold."""

    volume_change: Annotated[float, Field(gt=1)] | None = 10.0
    """By which factor the requests of a window may differ from the median of those before; null: by any."""

    saturation: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The share of the machine that is in use."""


class Webhook(Section):
    """An address that gets a JSON document with POST."""

    url: str
    """A reference to the address, which is a secret as a rule: ``${env:NAME}``; or the address."""

    kind: Literal["json", "slack"] = "json"
    """``json``: the report; ``slack``: a message that Slack, Mattermost and others with its format show."""

    token: str | None = None
    """A reference to a token that goes along as ``Authorization: Bearer``."""


class Mail(Section):
    """The server that sends e-mail to ``alerts``."""

    host: Text
    """The SMTP server."""

    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Its port."""

    sender: Text
    """The address that messages come from."""

    encryption: Literal["starttls", "tls", "none"] = "starttls"
    """``starttls`` begins in the clear and switches; ``tls`` from the first byte; ``none`` takes no user."""

    user: Text | None = None
    """Who signs in; without it nobody does."""

    password: str | None = None
    """A reference to the password: ``${env:NAME}``."""


class Notify(Section):
    """Who is told when monitoring alerts, besides the exit code."""

    webhooks: list[Webhook] = []
    """Addresses that are called."""

    mail: Mail | None = None
    """How e-mail reaches ``alerts``; without it none is sent from this machine."""

    timeout: Duration = "10s"
    """How long one attempt may take in all."""

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """How often each is tried."""


class Monitoring(Section):
    """What is watched once a model serves."""

    enabled: bool = False
    """Whether monitors are provisioned and run."""

    managed: bool = False
    """Whether the cloud's own monitors watch each version that serves, too; the cloud bills for them."""

    window: Duration = "1d"
    """The stretch of time that is compared with the training data."""

    drift: Drift = Drift()
    """Data drift."""

    attribution: Attribution = Attribution()
    """Drift of feature attributions, which needs no labels."""

    endpoint: EndpointHealth = EndpointHealth()
    """When an endpoint's alerts fire."""

    metrics: dict[Name, Annotated[float, Field(gt=0)]] = {}
    """By how much a metric on feedback may be worse than in the model's evidence before anybody is told."""

    slices: list[Text] = []
    """Columns by whose values performance and fairness are looked at."""

    alerts: list[Text] = []
    """E-mail addresses that are told."""

    notify: Notify = Notify()
    """Who else is told, and how e-mail leaves this machine."""


class Retraining(Section):
    """When a model is trained again."""

    schedule: Cron | None = None
    """Five cron fields, in UTC."""

    on_drift: bool = False
    """Whether drift starts a retraining."""

    on_performance: bool = False
    """Whether a metric on feedback that has become worse does."""

    new_rows: Annotated[int, Field(ge=1)] | None = None
    """So many labelled rows since the last training start one."""

    window: Duration | None = None
    """Only rows of this stretch of time are learned from; without it all."""

    time_column: Text | None = None
    """The column of the data that says when a row came (RFC 3339); with ``window``, rows of the data have no time
    without it and are left out, and only labelled requests are learned from."""

    cool_down: Duration = "1d"
    """The least time between two retrainings."""

    max_age: Duration | None = None
    """The age at which a model that serves must have been trained anew, whatever starts it."""

    max_runs_per_month: Annotated[int, Field(ge=1)] | None = None
    """The most retrainings in a month; without it no limit."""


class Budget(Section):
    """What an environment may cost in a month."""

    amount: Annotated[float, Field(gt=0)]
    """The monthly amount."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    """ISO 4217, such as EUR."""

    start: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-01$")] | None = None
    """Azure: the first day of the month from which it counts, in quotes; Azure takes none before the current month."""

    notify_at: list[Share] = [0.5, 0.9, 1.0]
    """Shares of the amount at which ``contacts`` are told."""

    contacts: list[Text] = []
    """E-mail addresses."""


class Exemption(Section):
    """A rule that one resource need not meet for a while."""

    rule: Text
    """The rule's id."""

    resource: Text
    """The resource it is for: its name, its URN, or the config's path; ``*`` stands for a part of a name."""

    reason: Annotated[str, StringConstraints(min_length=20, max_length=2000)]
    """Why; at least 20 characters."""

    owner: Text
    """Who answers for it."""

    expires: Day
    """The last day on which it holds, in quotes."""


class Policies(Section):
    """The policy rules that a plan and an action must meet."""

    packs: list[Name] = ["baseline"]
    """Rule packs; ``groundplan policies list`` shows them."""

    levels: dict[Text, Literal["off", "advise", "enforce"]] = {}
    """A level for a rule, by its id; without one, critical and high rules are enforced and the others advise."""

    settings: dict[Text, dict[Name, bool | int | float | Text | list[Text]]] = {}
    """Settings of rules, by the rule's id; ``groundplan policies show`` lists those of a rule."""

    rules: list[Text] = []
    """Folders of your own rules, seen from this file. Rules are programs: they run with ``--trust-rules`` only."""

    exemptions: list[Exemption] = []
    """Exemptions, each with a reason, an owner and a last day."""

    max_exemption_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """How far ahead an exemption may end."""
