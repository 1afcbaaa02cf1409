"""docs/policies.md: people's words, and between the markers every rule and every published control without one."""

from __future__ import annotations

from collections.abc import Iterator

from groundplan.policies import catalogue, packs
from groundplan.policies.published import NOT_COVERED
from groundplan.policies.rule import Rule

from . import DOCS

_PAGE = "policies.md"
_BEGIN, _END = "<!-- made by make docs -->", "<!-- end of what make docs makes -->"


def pages() -> dict[str, str]:
    """The page, its generated part made anew."""
    before, _, rest = (DOCS / _PAGE).read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    made = "\n".join(_lines())
    return {_PAGE: f"{before}{_BEGIN}\n\n{made}\n\n{_END}{after}"}


def _lines() -> Iterator[str]:
    rules = catalogue.ours()
    yield f"{len(rules)} rules. `groundplan policies show ID` prints a rule's page: what, why, the fix, its settings."
    yield ""
    yield "| rule | severity | what it asks for | looks at | packs | answers |"
    yield "|---|---|---|---|---|---|"
    for rule in rules.values():
        yield _row(rule)
    yield ""
    yield "### Published controls that no rule answers"
    yield ""
    yield "| control | published as | why |"
    yield "|---|---|---|"
    for one in NOT_COVERED.values():
        yield f"| {one.id}: {one.control} | {_codes(one.published)} | {one.reason} |"


def _row(rule: Rule) -> str:
    chosen = [name for name in packs.packs_of(rule) if name != packs.ALL]
    cells = (
        f'<a id="{rule.id.lower()}"></a>{rule.id}',
        rule.severity,
        rule.title,
        rule.scope,
        ", ".join(chosen),
        _codes(rule.covers),
    )
    return f"| {' | '.join(cells)} |"


def _codes(ids: tuple[str, ...]) -> str:
    return " ".join(f"`{one}`" for one in ids)
