"""A workbench runs an approved image.

What: the image of the machine comes from a project in ``projects``; without an image Google takes one of its own. A
container's ``repository`` matches one of ``repositories``, in which ``*`` stands for anything; while that list is
empty, containers are not judged.

Why: whoever makes the image decides what runs on the machine before its user does anything.

Fix: use one of Google's images, or name the project of your own images in ``projects``.
"""

from fnmatch import fnmatchcase

from ..conditions import either, judged
from ..outcome import not_applicable
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

INSTANCE = "gcp:workbench/instance:Instance"
GOOGLE = "cloud-notebooks-managed"


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.get("gceSetup.containerImage") is not ABSENT:
        return _container(resource, facts)
    path, allowed = "gceSetup.vmImage.project", facts.texts("projects")
    return judged(path, resource.get(path), lambda found: found in allowed, either(allowed), absent=GOOGLE)


def _container(resource: Resource, facts: Facts) -> Said:
    path, allowed = "gceSetup.containerImage.repository", facts.texts("repositories")
    if not allowed:
        return not_applicable("no repository of images is named")
    return judged(
        path, resource.get(path), lambda found: any(fnmatchcase(str(found), one) for one in allowed), either(allowed)
    )


RULE = ResourceRule(
    id="VTX-17",
    title="Workbench: approved image",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=_check,
    covers=("constraints/ainotebooks.environmentOptions", "VAI-CO-4.5"),
    packs=("hardened",),
    options={
        "projects": Option(
            default=(GOOGLE, "deeplearning-platform-release"), help="projects whose machine images are allowed"
        ),
        "repositories": Option(default=(), help="repositories of container images that are allowed, * for anything"),
    },
    failing=(
        example("somebody's image", INSTANCE, {"gceSetup": {"vmImage": {"project": "somebody", "name": "tools"}}}),
        example(
            "somebody's container",
            INSTANCE,
            {"gceSetup": {"containerImage": {"repository": "images.example.com/somebody/tools"}}},
            settings={"repositories": ("images.example.com/acme/*",)},
        ),
    ),
    passing=(
        example("Google's default", INSTANCE, {"gceSetup": {}}),
        example("Google's", INSTANCE, {"gceSetup": {"vmImage": {"project": GOOGLE, "family": "workbench-instances"}}}),
        example(
            "one's own",
            INSTANCE,
            {"gceSetup": {"vmImage": {"project": "acme-images"}}},
            settings={"projects": ("acme-images",)},
        ),
        example(
            "one's own container",
            INSTANCE,
            {"gceSetup": {"containerImage": {"repository": "images.example.com/acme/tools"}}},
            settings={"repositories": ("images.example.com/acme/*",)},
        ),
    ),
)
