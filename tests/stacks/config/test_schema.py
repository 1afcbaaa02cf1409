"""The JSON schema that editors use: takes every good config, refuses unknown keys.

It is weaker than groundplan itself where JSON Schema cannot say more, such as references between steps.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.config import Config
from groundplan.stacks.config.loading import load_text
from groundplan.stacks.config.schema import json_schema
from groundplan.stacks.config.tree import Source
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.stacks.config import test_problems as typos

VALIDATOR: Any = jsonschema.Draft202012Validator(json_schema())

names = st.from_regex(r"[a-z]{1,5}(-[a-z0-9]{1,5})?", fullmatch=True)
overrides: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20),
        "maturity": st.sampled_from(["foundation", "automation", "optimization"]),
        "monitoring": st.fixed_dictionaries({}, optional={"enabled": st.booleans(), "window": st.just("2d")}),
        "evaluation": st.fixed_dictionaries(
            {}, optional={"seed": st.integers(0, 2**31), "metrics": st.just({"f1": {"min": 0.5}})}
        ),
        "data": st.fixed_dictionaries({}, optional={"scorecard": st.just({"min_rows": 5}), "target": names}),
        "models": st.dictionaries(names, st.just({}), min_size=1, max_size=2),
        "compute": st.dictionaries(names, st.fixed_dictionaries({"max_nodes": st.integers(1, 9)}), max_size=2),
        "budget": st.fixed_dictionaries({"amount": st.floats(1, 1e6)}),
    },
)


def config_of(top: dict[str, Any], environments: dict[str, Any]) -> dict[str, Any]:
    return {"project": "churn", "platform": "local", **top, **({"environments": environments} if environments else {})}


configs = st.builds(config_of, overrides, st.dictionaries(names, st.none() | overrides, max_size=3))


def valid(config: object) -> bool:
    return bool(VALIDATOR.is_valid(config))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@given(configs)
@settings(deadline=None, max_examples=60)
def test_what_groundplan_takes_the_schema_takes(config: dict[str, Any]) -> None:
    assume(typos.problems(json.dumps(config)) == ())

    VALIDATOR.validate(config)


def test_the_resolved_config_of_two_lines_fits_the_schema() -> None:
    VALIDATOR.validate(
        Config(project="churn", platform="local").model_dump(mode="json", by_alias=True, exclude_none=True)
    )


@pytest.mark.parametrize("number", range(len(typos.LINES)))
def test_the_schema_refuses_an_unknown_key_wherever_groundplan_does(number: int) -> None:
    line = typos.LINES[number]
    indentation = line[: len(line) - len(line.lstrip())]
    text = "\n".join([*typos.LINES[:number], f"{indentation}Un.known: 1", *typos.LINES[number:]]) + "\n"
    try:
        config = load_text(Source(name="x", text=text)).plain()
    except ConfigError:
        pytest.fail("the text with the unknown key is no YAML")

    assert (valid(config), typos.problems(text) == ()) == (False, False)


def test_environments_need_not_repeat_what_stands_at_the_top() -> None:
    config: dict[str, Any] = {"project": "churn", "platform": "local", "budget": {"amount": 1}}

    assert valid({**config, "environments": {"dev": None, "prod": {"budget": {"currency": "USD"}, "description": "x"}}})
    assert not valid({**config, "budget": {"currency": "USD"}})
    assert not valid({**config, "environments": {"dev": {"project": "other"}}})
    assert not valid({**config, "environments": {"Dev": None}})


def test_every_key_of_the_schema_says_what_it_is() -> None:
    schema = json_schema()
    silent = [
        f"{section}.{key}"
        for section, one in (("top", schema), *schema["$defs"].items())
        for key, value in one.get("properties", {}).items()
        if not value.get("description") and "$ref" not in value
    ]

    assert silent == []
