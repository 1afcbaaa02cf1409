"""How outputs of stacks are told to people; that they come from the engine is proved by test_cloud.py."""

from groundplan.cli.provisioning.shown import named


def test_outputs_have_dotted_names_and_what_is_told_in_words_is_not_among_them() -> None:
    outputs = {
        "project": "churn",
        "steps": [{"title": "Deploy a model", "command": "groundplan deploy"}],
        "endpoints": {"churn": {"name": "churn-1", "scoring_uri": "https://churn-1/score"}},
        "unsupported": {"features": "not here"},
        "zones": ["a", "b"],
        "ready": True,
    }

    assert named(outputs) == [
        ("project", "churn"),
        ("endpoints.churn.name", "churn-1"),
        ("endpoints.churn.scoring_uri", "https://churn-1/score"),
        ("zones", '["a", "b"]'),
        ("ready", "true"),
    ]
