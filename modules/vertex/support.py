"""What Vertex AI can do of a model's life. What is not named here is the same as on the laptop."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.support import Support, lacking, nearly

_LATE = "as the cloud's log has it, some minutes late"

LIFECYCLE: Mapping[str, Support] = {
    "run": nearly("what up registered runs, as many steps at once as the cloud likes; data at a uri is read each time"),
    "models": nearly("none is registered without an image that serves it: endpoints.NAME.image"),
    "deploy.listening": lacking("host, port, api_key, allowed_hosts and the limits on bodies and rows are the cloud's"),
    "deploy.batch": nearly(
        "nothing is deployed: each job names the version on record; a schedule takes the default one"
    ),
    "rollout.shadow": lacking("Vertex AI sends no copies of requests"),
    "rollout.ab": nearly(_LATE),
    "rollout.sticky": lacking("Vertex AI draws a version for each request, whoever sends it"),
    "rollout.metrics": nearly(_LATE),
    "rollout.drift": nearly(_LATE),
    "rollout.disagreement": lacking("without copies there are no answers to compare"),
    "rollout.crashes": nearly("Vertex AI starts a container again by itself, uncounted; failed requests count"),
    "monitor": nearly(
        "windows are judged minutes later; latency and errors by the cloud's metrics; no refused requests"
    ),
    "monitor.managed": nearly(
        "a preview of Google's: own bins, statistics and runs; attributions with an explanation spec alone; it tells "
        "people nothing by itself"
    ),
    "feedback": nearly("an id stands for the rows and who answered them: the same ones asked again share their labels"),
    "watch": nearly("the cloud itself starts containers again that died"),
    "retrain": nearly(
        "rows of a data source at a uri are not at hand: they have no window, nor labelled rows beside them"
    ),
    "status": nearly("the state of the stacks; --live also asks the cloud which versions serve or work"),
    "logs.requests": nearly("the last day of those that were drawn for the log, without status and time taken"),
    "logs.redact": lacking("a request is logged whole, or not at all"),
    "logs.follow": nearly("the cloud is asked every ten seconds"),
    "features get": nearly(
        "a view serves what it was filled with last; a private store answers inside its network alone, so --offline"
    ),
    "features retrieve": nearly("the table in BigQuery, whatever the data source of that name is on the laptop"),
}
MOST_MIRRORED = 0
"""The largest share of the requests that a version can get a copy of, in percent."""
