"""Names that must not be, secrets that must not be written, and references to those that may."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config import secrets
from groundplan.stacks.config.names import problem_with_project_name, suggested_project_name
from groundplan.stacks.config.reading import read
from hypothesis import given
from hypothesis import strategies as st

CANARIES = {
    "an AWS access key": "AKIA" + "IOSFODNN7EXAMPLE",
    "a GitHub token": "ghp_" + "a1B2" * 9,
    "a GitLab token": "glpat-" + "a1B2" * 5,
    "a Slack token": "xoxb-" + "123456789012-abcdef",
    "a Google API key": "AIza" + "Sy0" * 11 + "ab",
    "an OpenAI key": "sk-proj-" + "a1B2" * 8,
    "a Hugging Face token": "hf_" + "a1B2" * 8 + "xy",
    "an Azure account key": "DefaultEndpointsProtocol=https;AccountKey=" + "a1B2" * 8 + "==",
    "an Azure signature": "https://x.blob.core.windows.net/c?sv=1&sig=" + "a1B2" * 8,
    "a private key": "-----BEGIN PRIVATE KEY-----\\nMIIabcdef",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "a connection string with a password": "postgresql://jo:hunter2canary@db/x",
    "a secret on a command line": "python x.py --password hunter2canary",
}


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        *((name, "lower-case letters, digits and single hyphens") for name in (
            "../x", "-rf", "a b", "$(id)", "${{ x }}", "{{7*7}}", "a\nb", "ab\n", "a\u202eb", "a\N{GRINNING FACE}",
            "Churn", "1st", "a--b", "ab-", "a_b", "a/b", "a'b", 'a"b', "a\0b", "é1",
        )),
        ("", "2 to 32"), ("a", "2 to 32"), ("a" * 300, "2 to 32"),
        *((name, "Windows") for name in ("con", "nul", "aux", "prn", "com1", "lpt9")),
        ("goog-x", "Google"), ("my-google-app", "Google"), ("windows-app", "Azure"), ("microsoft1", "Azure"),
    ],
)  # fmt: skip
def test_a_bad_project_name_is_told_the_rule_that_it_breaks(name: str, rule: str) -> None:
    problem = problem_with_project_name(name)

    assert problem is not None
    assert rule in problem
    assert problem.isprintable()
    assert len(problem) < 250


@pytest.mark.parametrize("name", ["churn", "ab", "a1-b2-c3", "contract", "a" * 32])
def test_a_good_project_name_has_no_problem(name: str) -> None:
    assert problem_with_project_name(name) is None


@given(st.text(max_size=50))
def test_a_suggested_name_is_always_allowed(name: str) -> None:
    suggestion = suggested_project_name(name)

    assert suggestion is None or problem_with_project_name(suggestion) is None


def config_error(folder: Path, text: str) -> ConfigError:
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read(folder)
    return caught.value


def everything(error: ConfigError) -> str:
    return "\n".join(f"{one.message} {one.hint} {one.where} {one.excerpt}" for one in error.problems)


@pytest.mark.parametrize("kind", sorted(CANARIES))
def test_a_known_secret_is_an_error_that_does_not_show_it(tmp_path: Path, kind: str) -> None:
    secret = CANARIES[kind]
    error = config_error(tmp_path, f'project: churn\nplatform: local\nowner: "{secret}" # mine\n')

    assert [(one.message.partition(";")[0], one.where[-4:]) for one in error.problems] == [
        (f"owner looks like {kind}", ":3:8")
    ]
    assert secret[-8:] not in everything(error)
    assert "${env:OWNER}" in error.problems[0].hint


@pytest.mark.parametrize(
    "line",
    [
        "api_key: hunter2canary", "api_key: 'hunter2canary", "api_key: [hunter2canary",
        "api_key: hunter2canary\n    api_key: x",
        "api_key: !x hunter2canary", "api_key: {a: hunter2canary}", "api_kye: ghp_hunter2canaryhunter2canary",
        "api_key: ${env:hunter2canary", "host: postgresql://jo:hunter2canary@db/x",
    ],
)  # fmt: skip
def test_no_error_around_a_secret_shows_it(tmp_path: Path, line: str) -> None:
    error = config_error(tmp_path, f"project: churn\nplatform: local\nendpoints:\n  churn:\n    {line}\n")

    assert "hunter2canary" not in everything(error)


@pytest.mark.parametrize("value", ["hunter2", "hunter2hunter2"])
@pytest.mark.parametrize("key", ["password", "db_password", "api_key", "access_token", "client_secret", "token"])
def test_parameters_named_for_secrets_take_references_only(key: str, value: str) -> None:
    assert secrets.what_it_looks_like(key, value) == "a secret"
    assert secrets.what_it_looks_like(key, "${env:NAME}") is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pad_token", "[PAD]"), ("key", "customer_id"), ("keys", "customer_id"), ("command", "train --token-count 5"),
        ("command", "run --api-key ${env:KEY}"), ("command", "run --token {parameters.x}"), ("owner", "jo@example.com"),
        ("path", "data/sk-learn-2024.csv"), ("description", "A task-oriented model; its password column is dropped."),
        ("key", "https://vault.vault.azure.net/keys/mine/0123456789abcdef0123456789abcdef"),
    ],
)  # fmt: skip
def test_ordinary_values_are_no_secrets(key: str, value: str) -> None:
    assert secrets.what_it_looks_like(key, value) is None


@pytest.mark.parametrize(
    "text", ["${env:}", "${env:A B}", "x${env:A}", "${vault:}", "${Env:A}", "${A}", "${env:A}${env:B}"]
)
def test_a_bad_reference_is_an_error(tmp_path: Path, text: str) -> None:
    error = config_error(tmp_path, f"project: churn\nplatform: local\nendpoints: {{churn: {{api_key: '{text}'}}}}\n")

    assert len(error.problems) == 1
    assert "reference" in error.problems[0].message


def test_a_reference_is_kept_until_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "groundplan.yaml").write_text(
        "project: churn\nplatform: local\nendpoints: {churn: {api_key: '${env:CANARY_KEY}'}}\n"
    )
    monkeypatch.setenv("CANARY_KEY", "open sesame")
    reference = read(tmp_path).config.endpoints["churn"].api_key

    assert reference == "${env:CANARY_KEY}"
    assert secrets.value_of(reference, where="x:1:1") == "open sesame"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("${env:CANARY_KEY}", "${env:CANARY_KEY}: the environment variable CANARY_KEY is not set"),
        ("${vault:KEY}", "${vault:KEY} cannot be read: a vault is not available on the laptop yet"),
        ("hunter2canary", "a secret must be a reference, not a value"),
    ],
)
def test_a_reference_that_leads_nowhere_says_so(reference: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CANARY_KEY", raising=False)
    with pytest.raises(ConfigError) as caught:
        secrets.value_of(reference, where="groundplan.yaml:3:5")

    assert (caught.value.message, caught.value.where) == (message, "groundplan.yaml:3:5")


def test_an_empty_variable_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_KEY", "")

    with pytest.raises(ConfigError, match="CANARY_KEY is empty"):
        secrets.value_of("${env:CANARY_KEY}", where="x")


def test_a_secret_in_a_flag_is_refused_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: churn\nplatform: local\n")
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, overrides={"endpoints.churn.api_key": "hunter2canary"})

    assert caught.value.problems[0].where == "--set endpoints.churn.api_key"
    assert "hunter2canary" not in everything(caught.value)
