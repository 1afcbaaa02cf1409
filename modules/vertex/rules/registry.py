"""What Google Cloud asks of repositories in Artifact Registry."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "gcp:artifactregistry/repository:Repository": TypeRules(
        source="cloud.google.com/artifact-registry/docs/repositories; terraform-provider-google-beta 7.45",
        name=NameRule(
            property="repositoryId", pattern=r"[a-z]([a-z0-9-]*[a-z0-9])?", minimum=1, maximum=63, unique="region"
        ),
        stateful=True,
        loses="its images and templates, also those that run somewhere",
        replaced_by=frozenset({"format", "kmsKeyName", "location", "mode", "project", "repositoryId"}),
        at_most_one=(frozenset({"remoteRepositoryConfig", "virtualRepositoryConfig"}),),
        choices={
            "format": frozenset({"DOCKER", "MAVEN", "NPM", "PYTHON", "APT", "YUM", "KFP", "GO", "GENERIC", "RUBY"}),
            "mode": frozenset({"STANDARD_REPOSITORY", "VIRTUAL_REPOSITORY", "REMOTE_REPOSITORY"}),
            "cleanupPolicies.action": frozenset({"DELETE", "KEEP"}),
            "cleanupPolicies.condition.tagState": frozenset({"TAGGED", "UNTAGGED", "ANY"}),
        },
        patterns={"cleanupPolicies.condition.olderThan": r"[0-9]+s"},
    )
}
"""By type token."""
