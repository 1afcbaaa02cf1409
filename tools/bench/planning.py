"""Offline plans: a cold one against importing what it touches, all stacks against one, many endpoints, a kept one."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import Row
from ._timing import Cost, busy, measure, median
from .startup import GROUNDPLAN

_CONFIGS = Path(__file__).parents[2] / "tests" / "stacks" / "configs"
_COMPILERS = {"azureml": "import azure.ai.ml", "vertex": "import kfp.compiler"}
_ROUNDS = 3
_COUNTS = (1, 100, 200)
_WARM = """\
import sys, time
from pathlib import Path
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning.planning import plans
configs = [read_stacks(Path(count)) for count in sys.argv[1:]]
plans(configs[0], ['dev'])
for one in configs:
    began = time.process_time()
    plans(one, ['dev'])
    print(time.process_time() - began)
"""
_CONFIG = """\
project: bench
platform: azureml
region: westeurope
account: {subscription: 00000000-0000-4000-8000-000000000001, tenant: 00000000-0000-4000-8000-0000000000aa}
endpoints:
"""


def main() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        rows = [row for platform in _COMPILERS for row in _of_platform(Path(name) / platform, platform)]
        return [*rows, _endpoints(Path(name) / "many")]


def _of_platform(folder: Path, platform: str) -> list[Row]:
    folder.mkdir()
    shutil.copy(_CONFIGS / f"{platform}-full.yaml", folder / "groundplan.yaml")
    imports = [sys.executable, "-c", _imports(folder, platform)]
    rounds = [(_cold(folder, "-e", "dev"), _cold(folder, "--all"), measure(imports)) for _ in range(_ROUNDS + 1)][1:]
    over_imports = statistics.median(one.seconds / theirs.seconds for one, _, theirs in rounds)
    over_one = statistics.median(all_of_them.seconds / one.seconds for one, all_of_them, _ in rounds)
    measure([GROUNDPLAN, "plan", "--format", "json"], cwd=folder)
    kept = median([GROUNDPLAN, "plan", "--format", "json"], cwd=folder)
    return [
        (f"cold plan of {platform}-full / importing its SDKs' classes", over_imports, "bound: within 2"),
        (f"plan of all 4 stacks of {platform}-full / of one", over_one, "bound: within 2"),
        (f"plan --format json of {platform}, unchanged, seconds", kept.seconds,
         f"bound: under 0.3 {busy(kept.processor_seconds)}"),
    ]  # fmt: skip


def _cold(folder: Path, *words: str) -> Cost:
    """A plan that nothing was kept of."""
    shutil.rmtree(folder / ".groundplan", ignore_errors=True)
    return measure([GROUNDPLAN, "plan", *words], cwd=folder)


def _imports(folder: Path, platform: str) -> str:
    """A program that touches the classes of a plan's resources, and the library that compiles pipelines."""
    printed = subprocess.run(
        [GROUNDPLAN, "plan", "-e", "dev", "--format", "json"], cwd=folder, capture_output=True, check=True
    )
    (stack,) = json.loads(printed.stdout)["data"]["stacks"]
    tokens = {
        str(one["type"]) for one in stack["resources"] if not str(one["type"]).startswith(("pulumi:", "groundplan:"))
    }
    lines = [_COMPILERS[platform]]
    for package, module, kind in sorted(token.split(":") for token in tokens):
        place = module.partition("/")[0]
        lines += [f"from pulumi_{package.replace('-', '_')} import {place}", f"{place}.{kind}"]
    return "\n".join(lines)


def _endpoints(folder: Path) -> Row:
    """What an endpoint more costs between 100 and 200, against between 0 and 100; in one process, after a warm-up."""
    folder.mkdir()
    rounds = [_seconds(folder) for _ in range(_ROUNDS)]
    growth = statistics.median((many - some) / (some - few) for few, some, many in rounds)
    seconds = statistics.median(some for _, some, _ in rounds)
    return ("an endpoint more, from 100 to 200 / from 0 to 100", growth, f"bound: about 1; 100 of them {busy(seconds)}")


def _seconds(folder: Path) -> list[float]:
    for count in _COUNTS:
        (folder / str(count)).mkdir(exist_ok=True)
        names = "".join(f"  e{number}: {{model: bench}}\n" for number in range(count))
        (folder / str(count) / "groundplan.yaml").write_text(_CONFIG + names, encoding="utf-8")
    printed = subprocess.run(
        [sys.executable, "-c", _WARM, *map(str, _COUNTS)], cwd=folder, capture_output=True, check=True
    )
    return [float(line) for line in printed.stdout.split()]
