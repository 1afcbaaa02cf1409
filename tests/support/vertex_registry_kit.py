"""The registry of Vertex AI with the SDKs' real clients before it and a stand-in service behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from groundplan.core import digests
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.registry import VertexRegistry

from serving_kit import LOCATION
from stand_in.services import VertexService

PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=4)
IMPATIENT = Pace(first_seconds=0.001, longest_seconds=0.002, tries=1)
BUCKET = "acme-churn-dev-artifacts"
PROD = "projects/acme-prod/locations/europe-west1"
IMAGE = "europe-west4-docker.pkg.dev/acme-churn/churn-images/serve:1"
KEY = "projects/acme-prod/locations/europe-west1/keyRings/churn/cryptoKeys/prod"
MODEL = f"{LOCATION}/models/churn--churn"
COPY = f"{PROD}/models/churn--churn"


@dataclass(frozen=True, kw_only=True)
class VertexRegistryRig:
    """The service, and a folder for what comes and goes."""

    service: VertexService
    folder: Path

    def registry(self, pace: Pace = PACE, *, seconds: float = 60) -> VertexRegistry:
        environments = {"dev": LOCATION, "q": LOCATION, "pre_prod": LOCATION, "prod": PROD}
        return VertexRegistry(
            LOCATION, bucket=BUCKET, product="churn", images={"churn": IMAGE, "tumour": IMAGE},
            environments=environments, keys={PROD: KEY}, pace=pace, seconds=seconds,
        )  # fmt: skip

    def reset(self) -> None:
        service = self.service
        with service.store.changing() as content:
            content["resources"].clear()
        for one in (service.requests, service.strikes, service.operations):
            one.clear()
        service.reset()
        service.patience, service.late_error, service.meanwhile = 3, None, None
        service.buckets.make(BUCKET)

    def model(self, weights: str) -> tuple[Path, str]:
        """A model folder with these weights, and its digest."""
        folder = self.folder / f"model-{weights}"
        for file, text in {"MLmodel": "flavors: {}\n", "data/model.skops": weights}.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
        return folder, digests.of_path(folder)

    def asked(self) -> list[str]:
        """The requests to Vertex AI itself."""
        return [method for method, path in self.service.requests if path.startswith("/v1/")]

    def numbers(self, model: str = MODEL) -> list[str]:
        return [one["versionId"] for one in self.service.models.content.get(model, [])]
