"""What only the shared stack makes is asked for at the top of the file; an environment that asks is told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloud_configs import AZURE, GOOGLE, problems

GITHUB = "federation: {provider: github, repository: acme/churn}"


@pytest.mark.parametrize(
    ("top", "own", "path", "column"),
    [
        ("", "encryption: {}", "encryption", 10),
        ("encryption: {}", "encryption: {protection: hsm}", "encryption", 10),
        ("network: {address_space: 10.0.0.0/16}", "network: {hub: 10.1.0.0/20}", "network.hub", 20),
        ("", f"identity: {{{GITHUB}}}", "identity.federation", 21),
        (f"identity: {{{GITHUB}}}", f"identity: {{{GITHUB.replace('churn', 'other')}}}", "identity.federation", 21),
        ("registry: {shared: false}", "registry: {shared: true}", "registry.shared", 21),
        ("", "state: {backend: 'azblob://state?storage_account=a'}", "state", 10),
    ],
)
def test_what_the_shared_stack_would_not_hear_is_told(
    tmp_path: Path, top: str, own: str, path: str, column: int
) -> None:
    message = (
        f"{path} of environment prod is another than at the top, and the shared stack, which makes it, is made of what "
        "stands at the top"
    )

    assert problems(tmp_path, f"{AZURE}{top}\nenvironments:\n  prod: {{{own}}}\n") == [
        (f"7:{column}", message, f"Move it to the top: {path}.")
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "encryption: {}\nenvironments: {dev: {encryption: null}, prod: }",
        "environments: {dev: {registry: {shared: false}}, prod: }",
        f"identity: {{{GITHUB}}}\nenvironments: {{dev: {{identity: {{federation: null}}}}, prod: }}",
        "environments: {dev: , prod: {region: northeurope}}",
    ],
)
def test_an_environment_may_do_without_and_may_lie_elsewhere(tmp_path: Path, lines: str) -> None:
    assert problems(tmp_path, f"{AZURE}{lines}\n") == []


@pytest.mark.parametrize(
    ("lines", "here", "there"),
    [(AZURE, "westeurope", "northeurope"), (GOOGLE, "europe-west4", "europe-west1")],
)
def test_the_key_of_the_shared_stack_is_of_its_region(tmp_path: Path, lines: str, here: str, there: str) -> None:
    assert problems(tmp_path, f"{lines}encryption: {{}}\nenvironments:\n  dev:\n  prod: {{region: {there}}}\n") == [
        (
            "8:18",
            f"the key that groundplan makes is in {here}, and what it is to encrypt for prod is in {there}",
            "Name a key there, in environments.prod.encryption, or leave the region out.",
        )
    ]


def test_a_name_that_nobody_wrote_is_too_long_at_the_line_it_comes_from(tmp_path: Path) -> None:
    lines = AZURE.replace("project: churn", "project: a-project-name-of-thirty-two-chr")

    assert problems(tmp_path, lines) == [
        (
            "1:1",
            "the endpoint's name 'a-project-name-of-thirty-two-chr' has 32 characters; at Azure there is room for 23",
            "Name it in endpoints yourself, in fewer characters.",
        )
    ]
