"""Vertex AI as a platform, by Pulumi's gcp provider."""

PLATFORM = "vertex"

UNSUPPORTED: dict[str, str] = {
    "workspace.resource": "a workspace is a part of the project; its default metadata store is made by the service",
    "compute.cluster": "a cluster that scales to zero is no resource: each job asks for machines of its own",
    "compute.spot": "spare capacity is given neither to machines that are kept, nor to steps of pipelines, nor to "
    "workstations",
    "registry.models": "the provider has no resource for it; models are registered in the project by the lifecycle",
    "endpoint.deployment": "the provider has no resource that deploys a model to an endpoint; it is a step after up",
    "endpoint.batch": "there is no batch endpoint; a job starts by the clock and reads a folder",
    "features.timestamp": "the time of a row stands in the column feature_timestamp, whatever the config calls it",
    "monitoring.drift": "the provider has no resource for a model monitor; groundplan monitor judges the log of "
    "requests itself",
}
"""What Vertex AI lacks within its capabilities (``capability.part``), each with the reason."""
