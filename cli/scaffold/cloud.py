"""What a new project on a cloud has besides: the stacks that CI provisions one by one, and a plain Pulumi project."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from ...modules.contract.context import SHARED
from ...stacks.exporting.project import FOLDER, PulumiProject, files_of
from .template import Answer
from .writing import ProjectFile

ENVIRONMENTS = ("dev", "staging", "prod")
"""The environments that the templates' config names, in their order."""

_STACKS = (SHARED, *ENVIRONMENTS)
_CLOUDS = {"azureml": "Azure", "vertex": "Google Cloud"}


def facts(project: str, platform: str) -> dict[str, object]:
    """What the templates of a cloud fill in."""
    return {
        "project": project,
        "cloud": _CLOUDS[platform],
        "version": version("groundplan"),
        "stacks": list(_STACKS),
        "environments": list(ENVIRONMENTS),
        "first": ENVIRONMENTS[0],
        "steps": [
            {"command": "preview"},
            *(
                {"command": "up", "job": _job(stack), "stack": stack, "after": _job(before) if before else ""}
                for before, stack in zip(("", *_STACKS), _STACKS, strict=False)
            ),
        ],
    }


def pulumi_files(project: str, platform: str, answers: Mapping[str, Answer]) -> list[ProjectFile]:
    """The plain Pulumi project of a new project, as ``groundplan export pulumi`` writes it."""
    pulumi = PulumiProject(
        name=project,
        platform=platform,
        stacks=_STACKS,
        to_config="..",
        backend=str(answers["state_backend"]),
        secrets_provider=str(answers["secrets_provider"]) if answers["state_backend"] else "",
    )
    return [
        ProjectFile(path=f"{FOLDER}/{one.path}", kind="generated", content=one.text.encode())
        for one in files_of(pulumi)
    ]


def _job(stack: str) -> str:
    return f"up-{stack}"
