"""One value changes, everything else of the file stays: comments, quotes, order, line ends, byte order mark, mode."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.editing import set_value
from groundplan.stacks.config.reading import read
from groundplan.stacks.config.resolution import leaves
from groundplan.stacks.config.tree import dotted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

COMMENTED = """\
# the product
project: churn # its name
platform: local
owner: 'jo'   # quoted

# what is needed
evaluation:
  # thresholds
  metrics: {f1: {min: 0.5}} # f1 first
  champion:
    margin: 0.1 # a lot
    # the end of champion

environments:
  dev:
  prod:
    owner: "kim"
# last line
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "groundplan.yaml"
    path.write_text(COMMENTED)
    return path


@pytest.mark.parametrize(
    ("key", "value", "old", "new"),
    [
        ("owner", "it's me", "owner: 'jo'   # quoted", "owner: 'it''s me'   # quoted"),
        ("platform", "local", "platform: local", "platform: local"),
        ("evaluation.champion.margin", "0.2", "margin: 0.1 # a lot", "margin: 0.2 # a lot"),
        ("evaluation.metrics.f1.min", "0.6", "{f1: {min: 0.5}}", "{f1: {min: 0.6}}"),
        ("evaluation.metrics.f1.max", "0.9", "{f1: {min: 0.5}}", "{f1: {min: 0.5, max: 0.9}}"),
        ("evaluation.metrics.accuracy.min", "0.6", "{f1: {min: 0.5}}", "{f1: {min: 0.5}, accuracy: {min: 0.6}}"),
        ("evaluation.champion.seed", "1", None, None),
        ("evaluation.champion.enabled", "false", "margin: 0.1 # a lot\n", "margin: 0.1 # a lot\n    enabled: false\n"),
        ("evaluation.robustness.noise", "{metric: f1, max_drop: 0.1}", "margin: 0.1 # a lot\n",
         "margin: 0.1 # a lot\n  robustness:\n    noise: {metric: f1, max_drop: 0.1}\n"),
        ("environments.dev.owner", "lee", "  dev:\n", "  dev: {owner: lee}\n"),
        ("environments.prod.owner", "'12'", 'owner: "kim"', 'owner: "12"'),
        ("region", "'no: thing'", None, None),
        ("monitoring.window", "3d", 'owner: "kim"\n', 'owner: "kim"\nmonitoring:\n  window: 3d\n'),
    ],
)  # fmt: skip
def test_only_the_value_changes(path: Path, key: str, value: str, old: str | None, new: str | None) -> None:
    if old is None or new is None:
        with pytest.raises(ConfigError):
            set_value(path, key, value)
        assert path.read_text() == COMMENTED
        return
    set_value(path, key, value)

    assert path.read_text() == COMMENTED.replace(old, new, 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [("evaluation", "{}"), ("owner.name", "x"), ("", "x"), ("evaluation.", "1"), ("owner", "[a"), ("owner", "&a [*a]")],
)
def test_what_cannot_be_done_changes_nothing(path: Path, key: str, value: str) -> None:
    with pytest.raises(ConfigError):
        set_value(path, key, value)

    assert path.read_text() == COMMENTED


def test_without_write_the_change_is_only_told(path: Path) -> None:
    change = set_value(path, "owner", "lee", write=False)

    assert (change.before, path.read_text()) == (COMMENTED, COMMENTED)
    assert change.after == COMMENTED.replace("'jo'", "'lee'")


def test_line_ends_byte_order_mark_mode_and_links_stay(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(codecs.BOM_UTF8 + b"project: churn\r\nplatform: local\r\ndata:\r\n  target: y")
    real.chmod(0o640)
    path = tmp_path / "groundplan.yaml"
    path.symlink_to(real.name)

    set_value(path, "data.scorecard.min_rows", "5")

    assert real.read_bytes() == (
        codecs.BOM_UTF8
        + b"project: churn\r\nplatform: local\r\ndata:\r\n  target: y\r\n  scorecard:\r\n    min_rows: 5\r\n"
    )
    assert (path.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)


def test_a_secret_is_not_written_and_not_shown(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        set_value(path, "endpoints.churn.api_key", "hunter2canary")

    assert path.read_text() == COMMENTED
    assert all("hunter2canary" not in one.message + one.excerpt + one.hint for one in caught.value.problems)


KEYS = ["owner", "data.target", "evaluation.champion.margin", "environments.dev.owner", "models.churn.description"]


@given(
    key=st.sampled_from(KEYS),
    words=st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Zl", "Zp"]), min_size=1, max_size=30),
    number=st.floats(-1, 1).map(lambda value: round(value, 3)),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
def test_any_value_is_read_back_and_every_other_line_survives(
    tmp_path_factory: pytest.TempPathFactory, key: str, words: str, number: float
) -> None:
    path = tmp_path_factory.getbasetemp() / "edited" / "groundplan.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(COMMENTED, encoding="utf-8")
    value = number if key.endswith("margin") else words
    try:
        set_value(path, key, json.dumps(value, ensure_ascii=False))
    except ConfigError:
        after = COMMENTED
    else:
        after = path.read_text(encoding="utf-8")
        found = {dotted(leaf): one for leaf, one in leaves(read(path.parent, environment="dev").config)}
        assert found[key.removeprefix("environments.dev.")] == value

    assert path.read_text(encoding="utf-8") == after
    touched = [line for line in COMMENTED.splitlines() if line not in after.splitlines()]
    assert len(touched) <= 1
    assert all(comment in after for comment in ("# the product", "# quoted", "# a lot", "# the end", "# last line"))
