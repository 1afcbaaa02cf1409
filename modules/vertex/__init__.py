"""Vertex AI as a platform, by Pulumi's gcp provider."""

PLATFORM = "vertex"

UNSUPPORTED: dict[str, str] = {}
"""The capabilities that Vertex AI lacks, each with the reason."""
