"""The command lines of steps, read by a real bash. Not proved: that Azure ML starts it with this shell."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import DataInput, ParameterValue, Step
from groundplan.modules.azureml import step_command
from groundplan.modules.contract import graph
from hypothesis import given, settings
from hypothesis import strategies as st

SHOW = (sys.executable, "-c", "import json, sys; print(json.dumps(sys.argv[1:]))")
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def step(*command: str, **changes: Any) -> Step:
    return replace(Step(name="fit", command=command), **changes)


def line(one: Step, *, datasets: tuple[str, ...] = (), finished: bool = False) -> str:
    return step_command.line(one, datasets=datasets, finished=finished)


def shell(text: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, timeout=120)


def test_words_and_placeholders_are_quoted() -> None:
    one = step(
        "python", "my script.py", "--data={inputs.data}", "{inputs.raw}", "{outputs.model}/x", "{outputs.out}",
        "{parameters.seed}", "$HOME", "",
        inputs={"data": DataInput(source="main"), "raw": DataInput(source="main")},
        outputs={"model": "model", "out": "dataset"}, parameters={"seed": 42},
    )  # fmt: skip

    assert line(one, datasets=("data",)) == (
        "python 'my script.py' --data='${{inputs.input__data}}/data.csv' '${{inputs.input__raw}}'"
        " '${{outputs.model}}'/x '${{outputs.out}}/data.csv' '${{inputs.parameter__seed}}' '$HOME' ''"
    )


def test_an_order_without_data_is_a_file_that_is_left_at_the_end() -> None:
    assert line(step("true"), finished=True) == "true && echo finished > '${{outputs.groundplan__finished}}'"


@settings(max_examples=40, deadline=None)
@given(word=TEXT.filter(lambda text: "${{" not in text and "{parameters.value}" not in text),
       value=st.one_of(TEXT, st.booleans(), st.integers(), st.floats(allow_nan=False)))  # fmt: skip
def test_no_word_and_no_value_is_read_as_code(word: str, value: ParameterValue) -> None:
    one = step(*SHOW, word, "a{parameters.value}b", parameters={"value": value})
    filled = line(one).replace("${{inputs.parameter__value}}", step_command.encoded(value))

    assert json.loads(shell(filled).stdout) == [word, f"a{graph.text(value)}b"]


@given(TEXT)
def test_an_encoded_parameter_can_be_read_back(text: str) -> None:
    assert step_command.decoded(step_command.encoded(text)) == text


@pytest.mark.parametrize(("fails", "code"), [(0, 0), (2, 0), (3, 1)])
def test_a_step_is_tried_again_as_often_as_it_may_fail(tmp_path: Path, fails: int, code: int) -> None:
    script = f"import sys; open('tries', 'a').write('x'); sys.exit(len(open('tries').read()) <= {fails})"
    filled = line(step(sys.executable, "-c", script, retries=2), finished=True)
    filled = filled.replace("${{outputs.groundplan__finished}}", "finished")

    assert shell(filled, tmp_path).returncode == code
    assert (tmp_path / "tries").read_text() == "x" * min(fails + 1, 3)
    assert (tmp_path / "finished").exists() == (code == 0)


def test_an_attempt_finds_nothing_of_the_one_before(tmp_path: Path) -> None:
    script = (
        "import os, sys; seen = os.path.exists(sys.argv[1]) or bool(os.listdir(sys.argv[2])); "
        "open('seen', 'a').write(str(seen)); open(sys.argv[1], 'w'); open(sys.argv[2] + '/part', 'w'); sys.exit(1)"
    )
    outputs = {"metrics": tmp_path / "metrics", "model": tmp_path / "model"}
    outputs["model"].mkdir()
    one = step(
        sys.executable, "-c", script, "{outputs.metrics}", "{outputs.model}",
        outputs={"metrics": "metrics", "model": "model"}, retries=1,
    )  # fmt: skip
    filled = line(one)
    for name, path in outputs.items():
        filled = filled.replace(f"${{{{outputs.{name}}}}}", str(path))
    shell(filled, tmp_path)

    assert (tmp_path / "seen").read_text() == "FalseFalse"


def test_an_attempt_that_hangs_is_ended_after_its_own_time(tmp_path: Path) -> None:
    slow_first = "import os, time; first = not os.path.exists('tried'); open('tried', 'w'); time.sleep(30 * first)"
    one = step(sys.executable, "-c", slow_first, retries=1, timeout_seconds=4)

    assert shell(line(one), tmp_path).returncode == 0
    assert step_command.seconds(one) == 8


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (step(), "step 'fit' has no command"),
        (
            step("cat", "${{inputs.secret}}"),
            "the command of step 'fit' holds '${{', which Azure ML would take for a placeholder of its own",
        ),
        (step("cat", "{inputs.dta}"), "step 'fit': the command uses {inputs.dta}, which the step does not have"),
    ],
)
def test_a_command_that_cannot_work_is_refused(one: Step, message: str) -> None:
    with pytest.raises(UsageError, match="^" + message.replace("$", r"\$").replace("{", r"\{") + "$"):
        line(one)
