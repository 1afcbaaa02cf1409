"""What components are told of the config that no single section of it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.stacks import settings
from groundplan.stacks.config.reading import read_stacks

import cloud_configs

SCHEDULED = (
    f"{cloud_configs.GOOGLE}environments: {{dev: , prod: }}\nmodels: {{churn: {{}}}}\n"
    "data: {target: left, sources: {main: {uri: 'gs://acme-churn/rows.csv'}, more: {sklearn: wine}}}\n"
)
"""A model of data of the cloud; another source is not read."""


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


@pytest.mark.parametrize(
    ("text", "dev", "prod"),
    [
        ("retraining: {schedule: '0 3 * * 1'}", "0 3 * * 1", None),
        ("retraining: {schedule: '0 3 * * 1', window: 30d}", None, None),
        ("retraining: {on_drift: true}", None, None),
        ("retraining: {schedule: '0 3 * * 1'}  # bq", None, None),
    ],
    ids=["data of the cloud", "a window of it", "no schedule", "a table"],
)
def test_the_cloud_starts_a_retraining_where_models_are_trained_and_it_has_all_that_is_learned_from(
    tmp_path: Path, text: str, dev: str | None, prod: str | None
) -> None:
    source = SCHEDULED.replace("gs://acme-churn/rows.csv", "bq://acme-churn.crm.rows") if "bq" in text else SCHEDULED
    (tmp_path / "groundplan.yaml").write_text(f"{source}{text}\n")
    configs = read_stacks(tmp_path)

    assert {name: settings.schedule_of(configs[name], "train") for name in ("dev", "prod")} == {
        "dev": dev, "prod": prod,
    }  # fmt: skip


def test_rows_of_the_project_are_gathered_by_a_command_unless_the_pipeline_has_a_schedule_of_its_own(
    tmp_path: Path,
) -> None:
    here = SCHEDULED.replace("uri: 'gs://acme-churn/rows.csv'", "sklearn: iris")
    (tmp_path / "groundplan.yaml").write_text(f"{here}retraining: {{schedule: '0 3 * * 1'}}\n")
    by_command = read_stacks(tmp_path)
    step = "{command: 'fit {outputs.model} {outputs.test}', outputs: {model: model, test: dataset}}"
    own = f"pipelines: {{train: {{schedule: '0 4 * * *', steps: {{fit: {step}}}}}}}\n"
    text = here.replace("{churn: {}}", "{churn: {pipeline: train, output: fit.model, test: fit.test}}")
    (tmp_path / "groundplan.yaml").write_text(f"{text}{own}")
    by_itself = read_stacks(tmp_path)

    assert settings.schedule_of(by_command["dev"], "train") is None
    assert [settings.schedule_of(by_itself[name], "train") for name in ("dev", "prod")] == ["0 4 * * *"] * 2
