"""What components are told of the config that no single section of it says."""

from __future__ import annotations

from pathlib import Path

from groundplan.stacks import settings
from groundplan.stacks.config.reading import read_stacks

import cloud_configs


def test_environments_are_beside_each_other_in_one_account(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{cloud_configs.GOOGLE}environments:\n  dev:\n  test:\n  prod: {{account: {{project: acme-prod}}}}\n"
    )
    configs = read_stacks(tmp_path)

    assert {name: settings.beside(configs[name], configs) for name in ("dev", "test", "prod")} == {
        "dev": ("test",),
        "test": ("dev",),
        "prod": (),
    }
