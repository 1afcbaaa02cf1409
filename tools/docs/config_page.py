"""docs/config.md and docs/maturity.md: every key of groundplan.yaml, from the types' docstrings."""

from __future__ import annotations

import json
from typing import Any, cast

from groundplan.stacks.config import maturity
from groundplan.stacks.config.schema import json_schema

_INTRODUCTION = """\
# groundplan.yaml

Every key, its type and its default. Made by `make docs` from stacks/config/; `groundplan config schema` prints the
same as a JSON schema for editors.

Two lines are enough on a laptop:

```yaml
project: churn
platform: local
```

and four for a cloud:

```yaml
project: churn
platform: vertex
region: europe-west4
account: {project: my-project-id}
```

## How values are found

Defaults are overridden by what `maturity` picks (see [maturity.md](maturity.md)), that by the top of the file, that by
the environment, and that by `--set KEY=VALUE`. Mappings are merged, lists and plain values replaced.
`groundplan config show --origin` says where each value comes from. The environment is the one named with
`--environment` or `GROUNDPLAN_ENVIRONMENT`, else the first.

Without `pipelines` the project has a packaged baseline named `train`; without `models`, one with the project's name;
without `endpoints`, one for each model. `compute.default` is always there.

## What YAML may be in it

One document of plain values, in UTF-8, up to 1 MB, 50 levels and 10,000 values (aliases count as often as used). No
tags, no merge keys, no key twice. `no`, `on` and dates are text; `012`, `1_000`, `0x1F`, `.nan` and whole numbers
beyond 2^53 are errors, because programs differ in how they read them.

## Secrets

`${env:NAME}` and `${vault:NAME}` are references, looked up when they are used and never written anywhere. A value that
looks like a secret is an error that does not show it.

## environments

A mapping in the order in which a model passes them. Each may override every key but `apiVersion`, `project`, `platform`
and `environments`, and may be empty; see [EnvironmentSettings](#environmentsettings) for the keys of its own.

```yaml
environments:
  dev:
  prod:
    approval: {roles: [business-stakeholder]}
    evaluation: {metrics: {roc_auc: {min: 0.9}}}
team:
  business-stakeholder: [jo@example.com]
```
"""


def pages() -> dict[str, str]:
    """The two pages."""
    return {"config.md": _config(), "maturity.md": _maturity()}


def _config() -> str:
    schema = json_schema()
    definitions = {name: one for name, one in schema["$defs"].items() if not name.endswith("Override")}
    top = {name: one for name, one in schema["properties"].items() if name != "environments"}
    for one in top.values():
        # pydantic leaves out a description that is the section's own
        section = definitions.get(str(one.get("$ref", "")).rpartition("/")[2], {})
        one.setdefault("description", section.get("description", ""))
    sections = [_section("Keys at the top", {**schema, "properties": top, "description": ""})]
    sections += [_section(name, one) for name, one in sorted(definitions.items()) if name != "Environment"]
    return _INTRODUCTION + "\n" + "\n".join(sections)


def _section(name: str, schema: dict[str, Any]) -> str:
    required: list[str] = schema.get("required", [])
    rows = [_row(key, one, key in required) for key, one in schema["properties"].items()]
    text = f"{_line(schema['description'])}\n\n" if schema.get("description") else ""
    return f"## {name}\n\n{text}| key | type | default | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _row(key: str, schema: dict[str, Any], required: bool) -> str:
    default = "(required)" if required else f"`{json.dumps(schema.get('default'), ensure_ascii=False)}`"
    if len(default) > 60:
        default = "see its section"
    return f"| `{key}` | {_type(schema)} | {default} | {_line(schema.get('description', ''))} |"


def _line(text: str) -> str:
    return " ".join(text.replace("``", "`").split()).replace("|", "\\|")


def _type(schema: dict[str, Any] | bool) -> str:
    if isinstance(schema, bool) or not schema:
        return "anything"
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " \\| ".join(f"`{word}`" for word in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "anyOf" in schema:
        kinds = [_type(one) for one in cast("list[dict[str, Any]]", schema["anyOf"]) if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if schema.get("type") == "object":
        of_pattern: list[dict[str, Any]] = list(schema.get("patternProperties", {}).values())
        values: dict[str, Any] | bool = of_pattern[0] if of_pattern else schema["additionalProperties"]
        return f"mapping of names to {_type(values)}"
    kind = str(schema["type"])
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(kind, kind)


def _maturity() -> str:
    stages = list(maturity.DEFAULTS)
    rows = [
        ("environments, without any of its own", [", ".join(maturity.ENVIRONMENTS[stage]) for stage in stages]),
        ("approval for the last of several environments",
         ["a named person's" if stage in maturity.NEEDS_APPROVAL else "none" for stage in stages]),
    ]  # fmt: skip
    picked = [_flat(maturity.defaults(stage, "classification")) for stage in stages]
    picked_for_numbers = [_flat(maturity.defaults(stage, "regression")) for stage in stages]
    for path in sorted({path for one in (*picked, *picked_for_numbers) for path in one}):
        values = [{**first, **second}.get(path) for first, second in zip(picked, picked_for_numbers, strict=True)]
        task = {"metrics.r2": " (regression)", "metrics.accuracy": " (classification)"}
        note = next((text for part, text in task.items() if part in path), "")
        rows.append((f"`{path}`{note}", ["" if value is None else f"`{json.dumps(value)}`" for value in values]))
    table = "\n".join(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)
    return (
        "# Maturity\n\n"
        "`maturity` says how far a product is and picks defaults; each can be overridden in groundplan.yaml. "
        "An empty cell is the default of [config.md](config.md). "
        "Made by `make docs` from stacks/config/maturity.py.\n\n"
        f"| value | {' | '.join(stages)} |\n|---|{'---|' * len(stages)}\n{table}\n\n"
        "The thresholds come with a project whose models all have one task. "
        "`approval: null` in the last environment takes the approval away.\n"
    )


def _flat(value: object, path: str = "") -> dict[str, object]:
    if not isinstance(value, dict):
        return {path: value}
    flat: dict[str, object] = {}
    for key, below in cast("dict[str, object]", value).items():
        flat.update(_flat(below, f"{path}.{key}" if path else key))
    return flat
