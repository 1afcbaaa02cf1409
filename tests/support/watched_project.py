"""A project whose endpoint was asked for hours that have just ended; its server does not run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from groundplan.core import clock
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, ServedModel
from groundplan.lifecycle.local.monitoring import baselines
from groundplan.lifecycle.local.serving.records import EndpointFolder

import served_project
from monitoring_kit import history, learned

CONFIG = """
project: churn
platform: local
environments:
  dev: {}
  prod: {}
endpoints:
  churn: {log_sample: 1.0}
monitoring:
  window: 1h
  drift: {min_rows: 100, alert_windows: 2, of_windows: 3}
  metrics: {f1: 0.1}
  notify:
    webhooks: [{url: "${env:HOOK}", kind: slack}]
retraining: {on_drift: true, cool_down: 2h}
"""


def make(folder: Path, provisioned: Path, *, start: datetime | None = None) -> Path:
    """The project's folder; the endpoint was asked for six hours, and in the last two the data had drifted.

    The hours begin at ``start``, or end with the one that ended last.
    """
    layout = served_project.make(folder / "project", provisioned=provisioned)
    version = served_project.register(layout, folder / "model")
    (layout.root / "groundplan.yaml").write_text(CONFIG)
    baselines.write(version.path, learned())
    served = ServedModel(name="churn", version=1, digest=version.digest, path=version.path, task="classification")
    settings = EndpointSettings(name="churn", environment="dev", model="churn", log_sample=1.0)
    deployment = Deployment(settings=settings, served=served, previous=None, port=8080, deployed="", deployed_by="ada")
    begun = start or clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)
    history(layout.root, hours=6, drifted_from=4, start=begun, labelled=False)
    EndpointFolder.of(layout, "churn", "dev").write_deployment(deployment)
    return layout.root
