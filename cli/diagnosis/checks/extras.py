"""The optional packages, by extra."""

from ..diagnosis import Diagnosis, Situation
from ..requirements import missing

_OPTIONAL = {"copier": "templates of others", "ui": "mlflow ui"}
_CLOUDS = ("azureml", "vertex")


def look(situation: Situation) -> Diagnosis:
    """The extra of the platform must be complete; the others are named."""
    platform = situation.platform
    needed = ["local"] if platform == "local" else [platform, "local"]
    gone = {extra: missing(extra) for extra in needed}
    others = {**_OPTIONAL, **{cloud: f"platform: {cloud}" for cloud in _CLOUDS if cloud not in needed}}
    absent = [f"{name} ({use})" for name, use in others.items() if missing(name)]
    rest = f"; not installed: {', '.join(absent)}" if absent else ""
    lacking = [f"{extra} lacks {', '.join(packages)}" for extra, packages in gone.items() if packages]
    if not lacking:
        return Diagnosis(state="ok", found=f"{', '.join(needed)} complete{rest}", needed=platform)
    incomplete = ",".join(extra for extra, packages in gone.items() if packages)
    return Diagnosis(
        # On a cloud the laptop's packages are for trying things out.
        state="bad" if gone[platform] else "warn",
        found=f"{'; '.join(lacking)}{rest}",
        needed=platform,
        fix=f"pip install 'groundplan[{incomplete}]'",
    )
