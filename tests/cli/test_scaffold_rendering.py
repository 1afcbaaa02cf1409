"""Templates cannot run code, read files, grow without bound, or write outside the project."""

from __future__ import annotations

import pytest
from groundplan.cli.scaffold.rendering import MAX_FILE, TemplateFaultError, render, safe_path

ATTACKS = [
    "{{ ''.__class__.__mro__ }}",
    "{{ x.__init__.__globals__ }}",
    "{{ x['__class__'].__base__ }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ self._TemplateReference__context }}",
    "{{ x.format(x) }}",
    "{{ x | attr('__class__') }}",
    "{{ x | map('upper') }}",
    "{{ range(10 ** 9) }}",
    "{% for i in range(100000) %}{% endfor %}",
    "{{ 'a' * 10 ** 9 }}",
    "{{ '%1000000000d' % 1 }}",
    "{% set a = x ~ x %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% import 'os' as os %}",
    "{{ lipsum() }}",
    "{% for a in n %}{% for b in n %}{% for c in n %}{% endfor %}{% endfor %}{% endfor %}",
    "{{ missing }}",
    "{{ x",
    "{{ " + "(" * 5000 + "x" + ")" * 5000 + " }}",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_whatever_is_not_filling_in_answers_is_refused(attack: str) -> None:
    with pytest.raises(TemplateFaultError) as caught:
        render(attack, {"x": "value", "n": [1, 2]}, where="evil.j2")
    assert caught.value.where.startswith("evil.j2")


def test_a_file_that_grows_too_large_is_refused() -> None:
    text = "{% for a in n %}{% for b in n %}{{ x }}{% endfor %}{% endfor %}"
    with pytest.raises(TemplateFaultError, match="renders to more than"):
        render(text, {"n": list(range(1000)), "x": "a" * 100}, where="t")
    with pytest.raises(TemplateFaultError, match="is longer than"):
        render("a" * (MAX_FILE + 1), {}, where="t")


def test_template_syntax_in_an_answer_is_not_rendered_again() -> None:
    assert render("{{ x | python }}", {"x": "{{ y }}"}, where="t") == '"{{ y }}"'


@pytest.mark.parametrize(
    "path",
    ["../x", "a/../../x", "/etc/passwd", "C:/x", "C:\\x", "\\\\server\\x", "a//b", "", ".", "a/.", "%2e%2e/x", "a\n",
     "\u202ea", ".git/hooks/x", ".GIT/config", "con", "AUX.txt", "a.", "a ", "a\0b", "x/nul/y", "a:b"],
)  # fmt: skip
def test_a_path_that_could_leave_the_project_or_is_none_everywhere_is_refused(path: str) -> None:
    with pytest.raises(TemplateFaultError):
        safe_path(path)


@pytest.mark.parametrize("path", ["src/train.py", ".gitignore", "data/größe 2.csv", "a/b/c.txt"])
def test_a_plain_path_is_kept(path: str) -> None:
    assert str(safe_path(path)) == path
