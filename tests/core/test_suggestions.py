"""Did you mean."""

from groundplan.core.suggestions import did_you_mean


def test_a_near_name_is_suggested() -> None:
    assert did_you_mean("platfrom", ["platform", "project"]) == "Did you mean 'platform'?"


def test_underscores_and_hyphens_are_near() -> None:
    assert did_you_mean("data_scientist", ["data-scientist"]) == "Did you mean 'data-scientist'?"


def test_without_a_near_name_the_known_ones_are_listed() -> None:
    assert did_you_mean("zzz", ["b", "a"]) == "Known: a, b."


def test_nothing_known_says_nothing() -> None:
    assert did_you_mean("zzz", []) == ""
