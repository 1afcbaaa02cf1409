"""The sign-in at the cloud, and how it is done."""

from ..diagnosis import OUTSIDE, Diagnosis, Situation
from ..programs import version

_PROGRAMS = {"azureml": "az", "vertex": "gcloud"}


def look(situation: Situation) -> Diagnosis:
    """How to sign in. Whether one is signed in only the cloud can say, and it is not asked."""
    if situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    program = _PROGRAMS.get(situation.platform)
    account = situation.config.config.account
    if program is None or account is None:
        return Diagnosis(state="ok", found="not needed for platform: local")
    if program == "az":
        fix = f"az login --tenant {account.tenant} && az account set --subscription {account.subscription}"
    else:
        fix = f"gcloud auth application-default login --project {account.project}"
    there = f"{program} is {'not ' if version(program, '--version') is None else ''}on the PATH"
    return Diagnosis(
        state="unknown",
        found=f"{there}; whether you are signed in only the cloud can say",
        needed="a sign-in, for preview and up; CI uses a federated identity",
        fix=fix,
    )
