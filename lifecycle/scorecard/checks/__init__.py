"""One file is one check: ``check(table, strengths) -> Finding``; docs/scorecard.md describes each."""
