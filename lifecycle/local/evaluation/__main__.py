"""The evaluating process: ``python -m groundplan.lifecycle.local.evaluation REQUEST ANSWER``."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from pydantic import TypeAdapter

from ....core import files
from ....core.errors import GroundplanError
from .requests import Answer, AttributionRequest, CompareRequest, Failure, MeasureRequest, ProfileRequest

Request = MeasureRequest | CompareRequest | ProfileRequest | AttributionRequest


def main(question: Path, answer: Path) -> None:
    """Read a request, measure or compare, write the answer or the error that was met."""
    request: Request = TypeAdapter(Request).validate_json(question.read_bytes())
    models = (request.challenger, request.champion) if isinstance(request, CompareRequest) else (request.model,)
    if any(model.trusted_types for model in models):  # they may be the project's own, as its steps import them
        sys.path += [str(Path.cwd()), str(Path.cwd() / "src")]
    try:
        given = _answer(request)
    except GroundplanError as error:
        given = Answer(failure=Failure(code=error.code, message=error.message, where=error.where, hint=error.hint))
    files.write_bytes(answer, TypeAdapter(Answer).dump_json(given))


def _answer(request: Request) -> Answer:
    """Each kind of request imports what it needs: a model is asked in a third of the time that all of it takes."""
    if isinstance(request, AttributionRequest):
        from .attribution import attribute

        return Answer(attribution=attribute(request))
    if isinstance(request, MeasureRequest):
        from .measurement import measure

        return Answer(measurement=measure(request))
    if isinstance(request, ProfileRequest):
        from .profiling import profile

        return Answer(profile=profile(request))
    from .comparison import compare

    return Answer(comparison=compare(request))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # what matters is said in the measurement's notes
    main(Path(sys.argv[1]), Path(sys.argv[2]))
