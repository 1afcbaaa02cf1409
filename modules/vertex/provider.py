"""The Google provider of a stack: which project and region, and nothing from the surroundings."""

from __future__ import annotations

import pulumi
import pulumi_gcp as gcp

from ..contract.context import Context


def provider(context: Context) -> pulumi.ProviderResource:
    """The provider all resources of the stack use; calls count against the stack's own project.

    Labels are what the resources say themselves: the provider adds none.
    """
    return gcp.Provider(
        "google",
        project=context.account.project,
        region=context.region,
        billing_project=context.account.project,
        user_project_override=True,
        add_pulumi_attribution_label=False,
    )
