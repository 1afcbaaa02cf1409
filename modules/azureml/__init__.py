"""Azure ML as a platform, by Pulumi's azure-native provider."""

PLATFORM = "azureml"

UNSUPPORTED: dict[str, str] = {}
"""The capabilities that Azure ML lacks, each with the reason."""
