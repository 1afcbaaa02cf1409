"""A project on the laptop with a registered, overridden, deployed model, made through the lifecycle itself."""

from __future__ import annotations

from pathlib import Path

from groundplan.core import clock, digests
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, ServedModel
from groundplan.lifecycle.contract.evidence import Check, Evidence, Verdict
from groundplan.lifecycle.contract.model import Lineage, ModelVersion, Override
from groundplan.lifecycle.local.platform import LocalPlatform

import provisioning
from endpoint_kit import free_port, save_classifier

WHY = "the metric counts a group that nobody serves any more"


def make(root: Path, *, provisioned: Path) -> Layout:
    """A project with two environments and a copy of a platform."""
    root.mkdir(parents=True)
    (root / "groundplan.yaml").write_text("project: churn\nplatform: local\nenvironments:\n  dev: {}\n  prod: {}\n")
    (root / "customers.csv").write_text("age\n1\n")
    return provisioning.copy(provisioned, root, project="churn")


def register(layout: Layout, source: Path, **how: bool) -> ModelVersion:
    """The next version, in ``dev`` by an override; ``how`` is what ``save_classifier`` takes."""
    models = LocalPlatform(layout).models
    model = save_classifier(source, **how)
    digest = digests.of_path(model)
    check = Check(name="f1", expected=">= 0.9", found="0.5", passed=False)
    evidence = Evidence(
        model="churn", task="classification", model_digest=digest, data_digest="sha256:0", rows=40, metrics={"f1": 0.5},
        made=clock.to_text(clock.now()), code_version="0", groundplan_version="0",
    )  # fmt: skip
    verdict = Verdict(environment="dev", checks=(check,))
    override = Override(person="ada", reason=WHY, environment="dev", when=evidence.made, failures=("f1",))
    lineage = Lineage(run_id="run-1", pipeline="train", data={}, commit="", dirty=False, code_digest="0",
                      config_digest="0")  # fmt: skip
    version = models.register(
        name="churn", source=model, digest=digest, lineage=lineage, evidence=evidence, verdict=verdict,
        override=override, trusted_types=("numpy.dtype",), who="ada",
    )  # fmt: skip
    return models.move(version, to="dev", who="ada", reason=WHY, evidence=evidence, verdict=verdict, override=None,
                       approved_by=())  # fmt: skip


def deploy(layout: Layout, version: ModelVersion) -> Deployment:
    """Serve it in ``dev``."""
    settings = EndpointSettings(name="churn", environment="dev", model="churn", port=free_port())
    served = ServedModel(name="churn", version=version.version, digest=version.digest, path=version.path,
                         task="classification", trusted_types=version.trusted_types, override=WHY)  # fmt: skip
    return LocalPlatform(layout).endpoints.deploy(settings, served, who="ada").deployment
