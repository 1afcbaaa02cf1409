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


def test_logs_stay_half_a_year_where_the_risk_is_high(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE)
    limited = read_stacks(tmp_path)["dev"].config
    (tmp_path / "groundplan.yaml").write_text(f"{cloud_configs.AZURE}governance: {{risk_tier: high}}\n")
    high = read_stacks(tmp_path)["dev"].config

    assert (settings.log_retention_days(limited), settings.log_retention_days(high)) == (90, 180)


def test_tags_say_where_the_data_comes_from_and_the_shortest_time_that_it_may_stay(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        f"{cloud_configs.AZURE}governance: {{tags: {{retention: 9d, team: pricing}}}}\n"
        "data:\n"
        "  sources:\n"
        "    main: {sklearn: iris, system: erp, retention: 168h}\n"
        "    more: {sklearn: wine, system: crm, retention: 8d}\n"
        "    rest: {sklearn: diabetes}\n"
    )
    tags = settings.tags(read_stacks(tmp_path)["dev"].config, "dev")

    assert {key: tags[key] for key in ("team", "source-system", "retention")} == {
        "team": "pricing",
        "source-system": "crm erp",
        "retention": "168h",
    }


def test_without_a_word_on_the_data_the_tags_say_none(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE)

    tags = settings.tags(read_stacks(tmp_path)["dev"].config, "dev")

    assert {"source-system", "retention"} & tags.keys() == set()
