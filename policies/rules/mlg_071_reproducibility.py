"""What made a model can be made again.

What: of the pipeline that makes each model, the requirements of every step name one version of each package (``==``),
images are named by digest, and the step that makes the model has a parameter ``seed``. The lineage of the version that
is there, or on its way there, names a commit without changes on top, and the digest of the code.

Why: a result that cannot be repeated can be neither checked nor mended.

Fix: pin the requirements (``pip freeze`` or ``uv pip compile``), give the training step ``parameters: {seed: 42}``,
and run from a clean commit.

Decided: a step without requirements and without image runs in groundplan's own Python, of which each run records the
packages; it passes. A file that is not there fails.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import mapping, text
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..versions import Version, not_at_hand, versions

LINEAGE = "a clean commit and the digest of the code"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    found = versions(config)
    judged = [not_at_hand(LINEAGE)] if found is None else [_of_version(one) for one in found]
    return [*_of_pipelines(config), *judged] or not_applicable("no model is made")


def _of_pipelines(config: ProjectConfig) -> Iterator[Outcome]:
    made = {text(config, f"models.{model}.pipeline") for model in config.section("models")}
    for pipeline in sorted(made & config.section("pipelines").keys()):
        for step in config.section(f"pipelines.{pipeline}.steps"):
            yield from _of_step(config, f"pipelines.{pipeline}.steps.{step}")


def _of_step(config: ProjectConfig, path: str) -> Iterator[Outcome]:
    image, file = text(config, f"{path}.environment.image"), text(config, f"{path}.environment.requirements")
    if image:
        place = f"{path}.environment.image"
        pinned = "@sha256:" in image
        yield passed(place, image) if pinned else failed(place, image, "an image that ends in @sha256:…")
    if file:
        yield _of_requirements(f"{path}.environment.requirements", file, config.files.get(file))
    if "model" in mapping(config.get(f"{path}.outputs")).values():
        names = mapping(config.get(f"{path}.parameters"))
        place = f"{path}.parameters"
        seeded = any("seed" in name or "random_state" in name for name in names)
        yield passed(place, "seed") if seeded else failed(place, "no seed", "a parameter seed")


def _of_requirements(path: str, file: str, content: str | None) -> Outcome:
    if content is None:
        return failed(path, f"{file}, which is not there", "a file of requirements")
    loose = [line for line in _requirements(content) if "==" not in line and " @ " not in line]
    return failed(path, f"{file}: {loose[0]}", "one version of each package (==)") if loose else passed(path, file)


def _requirements(content: str) -> Iterator[str]:
    for line in content.splitlines():
        plain = line.partition("#")[0].strip()
        if plain and not plain.startswith("-"):
            yield plain


def _of_version(version: Version) -> Outcome:
    path = f"models.{version.model}"
    if not version.text("lineage.commit") or not version.text("lineage.code_digest"):
        return failed(path, f"no commit or no code is known of {version.name}", LINEAGE)
    if version.get("lineage.dirty") is True:
        return failed(path, f"{version.name} was made from changes that were not committed", LINEAGE)
    return passed(path, version.name)


_STEP: Mapping[str, object] = {
    "outputs": {"model": "model"},
    "parameters": {"seed": 42},
    "environment": {"requirements": "requirements.txt"},
}
_FILES = {"requirements.txt": "# what training needs\nscikit-learn==1.7.2\n--require-hashes\n"}
_LINEAGE = {"commit": "4f2a91c", "dirty": False, "code_digest": "sha256:0c"}
_KNOWN: Mapping[str, Mapping[str, object]] = {"churn": {"version": "3", "lineage": _LINEAGE}}


def _config(**step: object) -> Mapping[str, object]:
    steps = {"train": {**_STEP, **step}}
    return {"models": {"churn": {"pipeline": "train"}}, "pipelines": {"train": {"steps": steps}}}


RULE = ConfigRule(
    id="MLG-071",
    title="Pipeline has what a repetition needs",
    severity=Severity.LOW,
    scope="evidence",
    check=_check,
    relates_to=("EU-AI-Act Annex IV(2)", "NIST-AI-RMF MEASURE 2.1"),
    packs=("governance",),
    remedy="pipelines: {train: {steps: {train: {parameters: {seed: 42}}}}}",
    failing=(
        Example(name="no seed", config=_config(parameters={}), files=_FILES, evidence=_KNOWN),
        Example(
            name="whatever version is newest",
            config=_config(),
            files={"requirements.txt": "scikit-learn>=1.7\n"},
            evidence=_KNOWN,
        ),
        Example(name="no requirements", config=_config(), files={"requirements.txt": None}, evidence=_KNOWN),
        Example(name="a tag", config=_config(environment={"image": "acme/train:1"}), evidence=_KNOWN),
        Example(
            name="changes that were not committed",
            config=_config(),
            files=_FILES,
            evidence={"churn": {"version": "3", "lineage": {**_LINEAGE, "dirty": True}}},
        ),
        Example(name="no lineage", config=_config(), files=_FILES, evidence={"churn": {"version": "3"}}),
    ),
    passing=(
        Example(name="pinned and committed", config=_config(), files=_FILES, evidence=_KNOWN),
        Example(name="groundplan's own Python", config=_config(environment={}), evidence=_KNOWN),
    ),
)
