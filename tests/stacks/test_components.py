"""What a component refuses of a config, told with the line of the config that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning.planning import plans

import cloud_configs

CONFIG = (
    cloud_configs.AZURE.rstrip()
    + """
compute:
  default: {}
  desk:
    type: workstation
    owner: "user:22222222-0000-0000-0000-000000000002"
    idle: 5m
"""
)


def test_what_a_component_refuses_has_the_line_that_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(CONFIG, encoding="utf-8")
    configs = read_stacks(tmp_path)

    with pytest.raises(ConfigError) as caught:
        plans(configs, ["dev"])

    [problem] = caught.value.problems
    line = next(number for number, text in enumerate(CONFIG.splitlines(), start=1) if text.startswith("  desk:"))
    assert problem.where.rpartition("groundplan.yaml:")[2].partition(":")[0] in {str(line), str(line + 1)}
    assert problem.message == "the workstation 'desk' cannot stop after 300 seconds of idleness"
    assert problem.hint == "Set compute.desk.idle to 15m at least, and to 3d at most: Azure's own limits."
