"""What Vertex AI can do of a model's life. What is not named here is the same as on the laptop."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.support import Support, lacking, nearly

_LABELS = "labels and logged predictions are not read back from BigQuery yet"

LIFECYCLE: Mapping[str, Support] = {
    "run": lacking("up uploads the compiled pipelines; groundplan does not start them and judge their models yet"),
    "runs": lacking("runs of the project are not listed yet"),
    "models": nearly("none is registered without an image that serves it: endpoints.NAME.image"),
    "models promote": nearly("evidence that does not suffice any more is not made anew: that needs the run"),
    "deploy.listening": lacking("host, port, api_key, allowed_hosts and the limits on bodies and rows are the cloud's"),
    "deploy.batch": nearly(
        "nothing is deployed: each job names the version on record; a schedule takes the default one"
    ),
    "rollout.shadow": lacking("Vertex AI sends no copies of requests"),
    "rollout.ab": lacking(_LABELS),
    "rollout.sticky": lacking("Vertex AI draws a version for each request, whoever sends it"),
    "rollout.metrics": lacking(_LABELS),
    "rollout.drift": lacking(_LABELS),
    "rollout.disagreement": lacking("without copies there are no answers to compare"),
    "rollout.crashes": nearly("Vertex AI starts a container again by itself, uncounted; failed requests count"),
    "monitor": lacking(_LABELS),
    "feedback": lacking(_LABELS),
    "watch": lacking(_LABELS),
    "retrain": lacking("it needs run and monitor"),
    "status": nearly("the state of the stacks; --live also asks the cloud which versions serve"),
    "logs.requests": lacking("requests are in BigQuery, and are not fetched yet"),
    "logs.redact": lacking("a request is logged whole, or not at all"),
    "logs.follow": lacking("the cloud is asked once"),
}
MOST_MIRRORED = 0
"""The largest share of the requests that a version can get a copy of, in percent."""
