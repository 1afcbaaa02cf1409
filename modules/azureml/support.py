"""What Azure ML can do of a model's life. What is not named here is the same as on the laptop."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.support import Support, lacking, nearly

_LATE = "as the cloud's log has it, some minutes late"

LIFECYCLE: Mapping[str, Support] = {
    "run": nearly(
        "what up registered runs, as many steps at once as the cloud likes; where data has a uri and no version all "
        "steps run each time; --set cannot empty a parameter"
    ),
    "deploy.listening": lacking("host, port, api_key, allowed_hosts and the limits on bodies and rows are the cloud's"),
    "deploy.batch": nearly(
        "a job reads a CSV file, so that text which looks like a number is told apart by the signature"
    ),
    "predict": nearly("which version answered is told only where one version answers all"),
    "rollout.shadow": nearly("a copy of at most 50 % of the requests, to one version"),
    "rollout.ab": nearly(_LATE),
    "rollout.sticky": lacking("Azure ML draws a version for each request, whoever sends it"),
    "rollout.metrics": nearly(_LATE),
    "rollout.drift": nearly(_LATE),
    "rollout.disagreement": lacking("no description says whether a copy has the id of its request"),
    "rollout.crashes": nearly("Azure starts a container again by itself and does not count it; failed requests count"),
    "monitor": nearly(
        "windows are judged minutes later; latency and errors by the cloud's metrics; no refused requests"
    ),
    "monitor.managed": nearly("Azure ML's own bins, statistics and runs; it tells people nothing by itself"),
    "feedback": nearly(
        "what was not drawn for the log is as unknown as a wrong id, and so is, for some minutes, what was"
    ),
    "watch": nearly("the cloud itself starts containers again that died"),
    "retrain": nearly(
        "rows of a data source at a uri are not at hand: they have no window, nor labelled rows beside them"
    ),
    "status": nearly("the state of the stacks; --live also asks the cloud which versions serve or work"),
    "logs.requests": nearly("the last day of those that were drawn for the log, without status and time taken"),
    "logs.redact": lacking("a request is logged whole, or not at all"),
    "logs.follow": nearly("the cloud is asked every ten seconds"),
    "features retrieve": nearly(
        "the rows of the sets' data sources; not what a FeatureSetSpec computes of them, nor what is materialized"
    ),
    "features get": nearly("the newest of these rows: Azure's online store is not groundplan's to make"),
}
MOST_MIRRORED = 50
"""The largest share of the requests that a version can get a copy of, in percent."""
