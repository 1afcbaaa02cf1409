"""Data that went bad after the project was made: what ``run`` and ``data check`` tell, and what stays of it.

What the reading of a new file says is tested with ``new`` (test_scaffold_data.py), the scorecard with its checks.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.exit_codes import ExitCode
from groundplan.core.layout import Layout

import provisioning
import terminal

CONFIG = "project: shop\nplatform: local\ndata: {sources: {main: {path: rows.csv}}, target: y}\n"
GOOD = "".join(f"{n * 1.5},{n % 7},{'ab'[n % 2]}\n" for n in range(40))
BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "is empty", "is empty"),
    "header only": (b"a,b,y\n", "has no rows", "a header and no rows"),
    "without the target": (f"a,b,z\n{GOOD}".encode(), "has no column 'y'", "no column 'y'"),
    "one class": (f"a,b,y\n{GOOD.replace('b', 'a')}".encode(), "one class cannot be learned", "only one class: a"),
    "not UTF-8": (f"a,b,y\n{GOOD}1,1,\xe9\n".encode("latin-1"), "is not UTF-8 text", "is not UTF-8"),
    "a column twice": (f"a,a,y\n{GOOD}".encode(), "names a column more than once: 'a'", "more than once: 'a'"),
    "a column without a name": (f"a,,y\n{GOOD}".encode(), "a column without a name (column 2)", "without a name"),
}


@pytest.fixture
def root(provisioned: Path, tmp_path: Path) -> Path:
    provisioning.copy(provisioned, tmp_path, project="shop")
    (tmp_path / "groundplan.yaml").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize("name", sorted(BAD))
def test_run_and_check_name_the_fault_and_register_nothing(root: Path, name: str) -> None:
    content, step_says, check_says = BAD[name]
    (root / "rows.csv").write_bytes(content)

    ran = terminal.run("run", cwd=root)
    checked = terminal.run("data", "check", cwd=root)

    assert ran.returncode in (ExitCode.USAGE, ExitCode.RESOURCE_FAILED)
    assert checked.returncode in (ExitCode.USAGE, ExitCode.GATE_FAILED)
    assert step_says in ran.stderr
    assert check_says in checked.stdout + checked.stderr
    assert "Traceback" not in ran.stderr + checked.stderr
    assert not Layout(root).audit_log.exists()
    assert (root / "rows.csv").read_bytes() == content


def test_a_file_where_a_source_is_expected_is_explained(root: Path) -> None:
    (root / "rows.csv").write_text(f"a,b,y\n{GOOD}")

    told = terminal.run("data", "check", "rows.csv", cwd=root)

    assert told.returncode == ExitCode.USAGE
    assert "--file rows.csv" in told.stderr
