"""What Google Cloud asks of schedules of pipelines, and of objects in a bucket."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "gcp:colab/schedule:Schedule": TypeRules(
        source="aiplatform v1 Schedule; terraform-provider-google-beta 7.45",
        replaced_by=frozenset({"createNotebookExecutionJobRequest", "location", "project"}),
        exactly_one=(frozenset({"createNotebookExecutionJobRequest", "createPipelineJobRequest"}),),
        at_most_one=(
            frozenset(
                {
                    "createPipelineJobRequest.pipelineJob.network",
                    "createPipelineJobRequest.pipelineJob.pscInterfaceConfig",
                }
            ),
        ),
        required=frozenset(
            {
                "createPipelineJobRequest.pipelineJob.runtimeConfig.gcsOutputDirectory",
                "createPipelineJobRequest.pipelineJob.serviceAccount",
            }
        ),
        patterns={
            "cron": r"(TZ=\S+ )?\S+( \S+){4}",
            "displayName": r"[\s\S]{1,128}",
            "maxConcurrentRunCount": r"[1-9][0-9]*",
            "createPipelineJobRequest.pipelineJob.runtimeConfig.gcsOutputDirectory": r"gs://\S+",
            "createPipelineJobRequest.pipelineJob.network": r"projects/[0-9]+/global/networks/\S+",
        },
        choices={"desiredState": frozenset({"ACTIVE", "PAUSED"})},
    ),
    "gcp:storage/bucketObject:BucketObject": TypeRules(
        source="cloud.google.com/storage/docs/objects",
        name=NameRule(property="name", pattern=r"(?!\.well-known/)[^\r\n]+", minimum=1, maximum=1024, unique="parent"),
        replaced_by=frozenset({"bucket", "name"}),
        at_most_one=(frozenset({"content", "source"}),),
    ),
}
"""By type token."""
