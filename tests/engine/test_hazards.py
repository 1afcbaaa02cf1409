"""What would be lost: which steps are stopped, what they say, which names stay reserved."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import GroundplanError, PolicyError
from groundplan.modules.contract.planned import PlannedResource
from groundplan.stacks.causes import Places
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.engine import hazards
from groundplan.stacks.engine.state import StateResource
from groundplan.stacks.engine.steps import Change, Step

import cloud_configs
import toy_cloud
from toy_cloud import ACCOUNT, RULES

URN = toy_cloud.urn("dev", "one")
PLANNED = {URN: PlannedResource(urn=URN, type=ACCOUNT, name="one", cause="region", where="groundplan.yaml:3:1")}


def step(change: Change, *, type: str = ACCOUNT, protect: bool = False) -> Step:
    return Step(change=change, urn=URN, type=type, protect=protect, replaced_by=("location",))


@pytest.mark.parametrize("change", ["create", "update", "same", "read", "import"])
def test_what_loses_nothing_is_no_hazard(change: Change) -> None:
    assert hazards.of_steps([step(change)], RULES, PLANNED) == ()


def test_a_replacement_names_what_is_lost_and_the_config_that_asks_for_it() -> None:
    (found,) = hazards.of_steps([step("replace")], RULES, PLANNED)

    assert found.sentence == (
        f"replacement of one ({ACCOUNT}) loses every blob in it; "
        "the change of location forces it, which region asks for"
    )
    assert found.where == "groundplan.yaml:3:1"


def test_a_replacement_names_the_key_whose_value_forces_it_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(f"{cloud_configs.AZURE}compute: {{big: {{size: Standard_D4s_v5}}}}\n")
    config = read_stacks(tmp_path)["dev"]
    properties = {
        "location": "westeurope",
        "properties": {"vmSize": "Standard_D4s_v5"},
        "name": "churn-3f",
        "bucket": "WESTEUROPE",
    }
    planned = PlannedResource(
        urn=URN, type=ACCOUNT, name="one", cause="data", where="groundplan.yaml:1:1", properties=properties
    )

    found = [
        hazards.of_steps(
            [Step(change="replace", urn=URN, type=ACCOUNT, protect=False, replaced_by=forcing)],
            RULES, {URN: planned}, Places(config),
        )[0]
        for forcing in (("location", "name"), ("properties.vmSize",), ("bucket",), ("name", "nothing"))
    ]  # fmt: skip

    assert [(one.cause.rpartition("it, ")[2], one.where.rpartition("groundplan.yaml:")[2]) for one in found] == [
        ("which region asks for", "3:9"), ("which compute.big.size asks for", "5:23"),
        ("which region asks for", "3:9"), ("which data asks for", "1:1"),
    ]  # fmt: skip


def test_a_deletion_says_that_nothing_asks_for_it() -> None:
    (found,) = hazards.of_steps([step("delete")], RULES, {})

    assert found.sentence.endswith("nothing in the config asks for it any more")


def test_what_holds_nothing_may_go_unless_it_is_protected() -> None:
    other = "azure-native:insights:Component"

    assert hazards.of_steps([step("replace", type=other)], RULES, {}) == ()
    assert [one.doing for one in hazards.of_steps([step("replace", type=other, protect=True)], RULES, {})] == [
        "replacement"
    ]


def test_only_what_was_allowed_goes_on() -> None:
    found = hazards.of_steps([step("replace")], RULES, PLANNED)

    hazards.refuse(found, {URN})
    with pytest.raises(PolicyError, match="loses every blob") as caught:
        hazards.refuse(found, {toy_cloud.urn("dev", "another")})
    assert f"--allow-replace '{URN}'" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f'unable to replace resource "{URN}" as it is currently marked for protection. To unprotect',
         "one is protected and would be replaced, which region asks for"),
        (f'resource "{URN}" cannot be deleted because it is protected. To unprotect',
         "one is protected and would be deleted: nothing in the config asks for it any more"),
    ],
)  # fmt: skip
def test_the_engines_refusal_of_what_is_protected_is_told_in_terms_of_the_config(said: str, expected: str) -> None:
    error = hazards.protected(GroundplanError(f"the engine failed: {said}"), PLANNED)

    assert (type(error), error.message, error.where) == (PolicyError, expected, "groundplan.yaml:3:1")


def test_any_other_error_stays_as_it_is() -> None:
    error = GroundplanError("something else")

    assert hazards.protected(error, PLANNED) is error


def test_a_name_that_stays_reserved_comes_with_the_command_that_frees_it() -> None:
    resource = StateResource(
        urn=URN, type=ACCOUNT, id="", protect=False, inputs={"accountName": "toyone", "resourceGroupName": "rg"}
    )

    assert hazards.reserved([resource], RULES) == (
        hazards.Reserved(name="toyone", type=ACCOUNT, days=7, purge="az storage purge toyone --group rg"),
    )
