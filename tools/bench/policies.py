"""``check --input`` on 5,000 resources with every rule: time, memory, growth, and against Checkov on the same.

Checkov reads no Pulumi preview; it gets the same resources as the JSON of a Terraform plan, which is what its users
give it. Both print in the same format. It is installed into .tools/checkov, once.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import Row
from ._resources import write_preview, write_terraform_plan
from ._timing import Cost, busy, measure, median
from .startup import GROUNDPLAN

CHECKOV = "3.3.30"
COUNT = 5_000
_ROUNDS = 3
_ROOT = Path(__file__).parents[2]
_VENV = _ROOT / ".tools" / "checkov"


def main() -> list[Row]:
    """The rows of the table."""
    checkov = _checkov()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, count, bare in (("none", 0, False), ("one", 1, False), ("some", COUNT, False), ("bad", COUNT, True),
                                  ("many", 10 * COUNT, False)):  # fmt: skip
            write_preview(folder / file, count, bare=bare)
        write_terraform_plan(folder / "plan.json", COUNT)
        against = {format: _against(checkov, folder, format) for format in ("text", "json")}
        costs = {file: median(_check(folder / file), rounds=_ROUNDS) for file in ("none", "one", "some", "many")}
        bad = {format: median(_check(folder / "bad", format), rounds=_ROUNDS) for format in ("text", "json")}
    memory = max(one.memory_gb for one in (costs["some"], *bad.values()))
    return [
        _seconds(f"check --input, {COUNT:,} resources, every rule", costs["some"], "bound: under 2"),
        *(_seconds(f"check --input, {COUNT:,} bare resources, {name}", one, "as above") for name, one in bad.items()),
        ("check --input, largest memory in GB", memory, "bound: under 0.3"),
        ("check --input, ten times as many, beyond start-up", _growth(costs), "bound: at most 11, of the processor"),
        _seconds("check --input, one resource", costs["one"], "bound: under 0.5"),
        *(
            (f"Checkov / groundplan, the same resources, {name}", one, "bound: at least 20, by processor seconds")
            for name, one in against.items()
        ),
    ]


def _against(checkov: list[str], folder: Path, format: str) -> float:
    """The median of their time over ours, pair by pair, after one round that does not count."""
    theirs = [
        *checkov, "-f", str(folder / "plan.json"), "--framework", "terraform_plan", "--compact", "--quiet",
        "--skip-download", "--soft-fail", "-o", "cli" if format == "text" else format,
    ]  # fmt: skip
    ours = _check(folder / "some", format)
    pairs = [(measure(theirs).processor_seconds, measure(ours).processor_seconds) for _ in range(_ROUNDS + 1)]
    return statistics.median(other / mine for other, mine in pairs[1:])


def _growth(costs: dict[str, Cost]) -> float:
    start = costs["none"].processor_seconds
    return (costs["many"].processor_seconds - start) / (costs["some"].processor_seconds - start)


def _seconds(what: str, cost: Cost, bound: str) -> Row:
    return f"{what}, seconds", cost.seconds, f"{bound} {busy(cost.processor_seconds)}"


def _check(file: Path, format: str = "text") -> list[str]:
    return [GROUNDPLAN, "check", "--input", str(file), "--fail-on", "never", "--format", format]


def _checkov() -> list[str]:
    """Its command, installed with its bytecode, so that none of its time is compiling."""
    python = _VENV / "bin" / "python"
    if not (_VENV / "bin" / "checkov").exists():
        uv = str(_ROOT / ".tools" / "bin" / "uv")
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(_VENV)], check=True)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python)]
        subprocess.run([*install, f"checkov=={CHECKOV}"], check=True)
    return [str(python), str(_VENV / "bin" / "checkov")]
