"""Azure ML as a platform, by Pulumi's azure-native provider."""

PLATFORM = "azureml"

UNSUPPORTED: dict[str, str] = {
    "network.subnet": "computes and endpoints run in the workspace's managed network, beside which Azure takes no "
    "subnet for them; an own network holds private endpoints, their names and who calls",
    "registry.encryption": "no property of a registry of models takes a key of one's own; images and workspaces have "
    "it",
    "features.version": "a version of a feature set needs an uploaded specification; it is a step after up",
    "features.online": "Azure's online store is a Redis that Azure retires; it is a step after up",
    "endpoint.schedule": "Azure does not describe what the schedule of a batch endpoint holds; a scheduler starts it",
    "endpoint.shared_pool": "each deployment has machines of its own",
    "monitoring.private_link": "telemetry goes to a public address of Azure, which takes it from signed-in identities "
    "only; a private one is a private link scope of the whole network",
    "budget.currency": "a budget counts in the currency of the billing account, which no property sets",
}
"""What Azure ML lacks within its capabilities (``capability.part``), each with the reason."""
