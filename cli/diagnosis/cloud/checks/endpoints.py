"""The online endpoints, and whether this machine reaches them."""

from .....core.errors import GroundplanError, NotFoundError
from ...diagnosis import Diagnosis
from ..reaching import Reached, reach
from ..view import View


def parts(view: View) -> list[str]:
    """The endpoints of the stack."""
    return list(view.endpoints)


def look(view: View, part: str) -> Diagnosis:
    """Where an endpoint is, and what becomes of a request to it; nothing is predicted and no token is sent."""
    try:
        url = view.serving.address(view.endpoints[part])
    except NotFoundError as error:
        return Diagnosis(state="unknown", found=f"not there: {error.where}", fix=f"groundplan up -e {view.stack}")
    except GroundplanError as error:
        return Diagnosis(state="unknown", found=error.message, fix=error.hint)
    return judged(reach(url, seconds=view.seconds), private=view.config.config.network.access == "private")


def judged(reached: Reached, *, private: bool) -> Diagnosis:
    """What is to be thought of it, in an environment that is ``private`` or not."""
    needed = "an answer, inside the environment's own network" if private else "an answer"
    if reached.answered and not (private and reached.is_public):
        return Diagnosis(state="ok", found=reached.text, needed=needed)
    if reached.answered:
        return Diagnosis(
            state="warn", found=f"{reached.text}, though the environment is private", needed=needed,
            fix="Look at the private DNS zones of this network: they do not know the endpoint's private address.",
        )  # fmt: skip
    if private:
        return Diagnosis(
            state="warn", found=reached.text, needed=needed,
            fix="Predict from a machine in the environment's network, or one that is connected with it.",
        )  # fmt: skip
    return Diagnosis(
        state="bad", found=reached.text, needed=needed,
        fix="Look at firewall, proxy (HTTPS_PROXY, NO_PROXY) and DNS of this machine's network.",
    )  # fmt: skip
