"""Custom rules judge as ours do, in a process of their own that nothing they do takes the check down with.

That a rule cannot mean harm is not proved: it is a process, no sandbox.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from groundplan.core.errors import UsageError
from groundplan.policies import catalogue, checking, examples
from groundplan.policies.config import Action, ProjectConfig
from groundplan.policies.custom import rules as custom
from groundplan.policies.custom.process import Limits
from groundplan.policies.custom.rules import CustomRules
from groundplan.policies.finding import Report
from groundplan.policies.graph import Graph
from groundplan.policies.outcome import Outcome, Verdict
from groundplan.policies.resource import Resource
from groundplan.policies.rule import Option, ResourceRule
from groundplan.policies.settings import Settings
from groundplan.policies.values import SECRET, Unknown

from custom_rules import BUCKET, folder, rule

GRAPH = Graph(
    Resource(urn=f"urn:{name}", type=BUCKET, token=BUCKET, name=name, environment=environment, properties=properties)
    for name, environment, properties in (
        ("eu", "prod", {"location": "EU", "key": SECRET, "of": Unknown(of=("urn:us",))}),
        ("us", "prod", {"location": "US"}),
        ("dev", "dev", {"location": "US", "n": [1, 2.5, True, {"a": "b"}]}),
    )
)  # fmt: skip
CONFIGS = {
    "prod": ProjectConfig(
        environment="prod",
        tier="production",
        values={"governance": {"risk_tier": "high"}},
        places={"governance.risk_tier": "groundplan.yaml:3:5"},
        action=Action(kind="deploy", model="churn", version="3", environment="prod", approvals=("ann",)),
    )
}
LIMITS = Limits(seconds=2.0, memory=1 << 30)

FILES = {
    "_shared.py": "WANTED = 'EU'\n",
    "a01.py": rule("T-01", 'from ._shared import WANTED\n    return equals("location", WANTED)(resource, facts)'),
    "a02.py": rule("T-02", 'raise ValueError("no such\\nthing")'),
    "a03.py": rule("T-03", 'print("noise"); sys.stderr.write("noise"); os.write(1, b"noise"); return PASS'),
    "a04.py": rule("T-04", "sys.exit(0)"),
    "a05.py": rule("T-05", 'if resource.name == "us":\n        os._exit(0)\n    return PASS'),
    "a06.py": rule("T-06", 'while resource.name == "us":\n        pass\n    return PASS'),
    "a07.py": rule("T-07", "return failed('size', len(bytearray(4 << 30)), 'less')"),
    "a08.py": rule("T-08", "return None"),
    "a09.py": rule("T-09", 'return "pass"'),
    "a10.py": rule("T-10", "return passed('line', sys.stdin.readline() or 'nothing')"),
    "a11.py": rule("T-11", "return [failed('secret', 'x' * 10_000, repr(sorted(os.environ)))]"),
    "a12.py": rule("T-12", "return failed('names', [one.name for one in facts.graph.of(TYPE)], facts.text('word'))",
                   more="options={'word': Option(default='few', help='A word.')}, scope='graph',"),
    "a13.py": rule("T-13", "yield passed(); yield failed('a', 1, 'b'); yield failed('c', resource.properties, 'd')"),
    "a14.py": rule("T-14", "return equals('location', 'EU')(resource, facts)").replace(
        "check=check", "check=lambda config, facts: [PASS, failed('who', (config.action.approvals, facts.today), 'x')]"
    ).replace("RULE = ResourceRule", "RULE = ConfigRule").replace("types=(TYPE,),", "scope='action',"),
    "a15.py": rule("T-15", "return failed('type', 'nobody is asked', '')", type="gcp:none/none:None"),
    "a16.py": rule("T-16", "os.kill(os.getpid(), 9)"),
    "a17.py": rule("T-17", "return equals('key', 1)(resource, facts) if resource.name == 'eu' else PASS"),
    "a18.py": rule("T-18", "return equals('location', 'EU')(resource, facts)"),
}  # fmt: skip
"""Some break, and all others still say what they say. The last one speaks after all of that."""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CustomRules]:
    with custom.opened([folder(tmp_path_factory.mktemp("custom") / "rules", FILES)], limits=LIMITS) as found:
        yield found


@pytest.fixture(scope="module")
def report(rules: CustomRules) -> Report:
    settings = {"": Settings(values={"T-12": {"word": "many"}}), "dev": Settings(levels={"T-01": "off"})}
    return checking.run(
        checking.Check(
            rules=rules.rules, graph=GRAPH, configs=CONFIGS, settings=settings, judge=rules.judge, today="2026-11-28"
        )
    )


FAILED_TO_RUN = {
    "T-02": "ValueError: no such thing",
    "T-04": "it raised SystemExit",
    "T-07": "it needed more than 1024 MB of memory",
    "T-08": "TypeError: 'NoneType' object is not iterable",
    "T-09": "what it says is no outcome",
    "T-16": "its process was ended by SIGKILL",
}


@pytest.mark.parametrize(("id", "why"), FAILED_TO_RUN.items())
def test_a_rule_that_breaks_has_failed_to_run_and_never_passed(report: Report, id: str, why: str) -> None:
    found = [one for one in report.findings if one.rule.id == id]

    assert {(one.verdict, one.found, one.expected) for one in found} == {(Verdict.ERROR, why, "the rule to run")}
    assert len(found) == 3
    assert report.counts[id].passed == 0


@pytest.mark.parametrize(
    ("id", "why"), [("T-05", "it ended its process with exit code 0"), ("T-06", "it ran longer than 2 s")]
)
def test_what_a_rule_said_before_it_broke_stands(report: Report, id: str, why: str) -> None:
    found = [(one.name, one.found) for one in report.findings if one.rule.id == id]

    assert found == [("us", why)]
    assert report.counts[id].passed == 2


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("T-01", [("prod", "us", "fail", "location", "US", "EU")]),
        ("T-03", []),
        ("T-10", []),
        ("T-12", [("dev", "dev", "fail", "names", "['eu', 'us', 'dev']", "few"),
                  ("prod", "eu", "fail", "names", "['eu', 'us', 'dev']", "many"),
                  ("prod", "us", "fail", "names", "['eu', 'us', 'dev']", "many")]),
        ("T-14", [("prod", "who", "fail", "who", "(('ann',), '2026-11-28')", "x")]),
        ("T-15", []),
        ("T-17", [("prod", "eu", "unknown", "key", "known after deployment", "1")]),
        ("T-18", [("dev", "dev", "fail", "location", "US", "EU"), ("prod", "us", "fail", "location", "US", "EU")]),
    ],
)  # fmt: skip
def test_every_other_rule_says_what_it_says(report: Report, id: str, said: list[tuple[str, ...]]) -> None:
    found = [
        (one.environment, one.name, one.verdict, one.path, one.found, one.expected)
        for one in report.findings
        if one.rule.id == id
    ]

    assert found == said


def test_a_rule_gets_the_values_as_they_are(report: Report) -> None:
    found = {one.name: one.found for one in report.findings if (one.rule.id, one.path) == ("T-13", "c")}

    assert found == {
        "eu": "{'location': 'EU', 'key': Secret(), 'of': Unknown(of=('urn:us',))}",
        "us": "{'location': 'US'}",
        "dev": "{'location': 'US', 'n': [1, 2.5, True, {'a': 'b'}]}",
    }


def test_a_rule_sees_no_token_of_the_environment_and_says_no_more_than_a_report_shows(report: Report) -> None:
    found = next(one for one in report.findings if one.rule.id == "T-11")

    assert len(found.found) == 120
    assert "PATH" in found.expected
    assert "PYTEST" not in found.expected


def test_a_rule_is_known_by_all_that_it_says_of_itself(rules: CustomRules, tmp_path: Path) -> None:
    found = rules.rules["T-12"]

    assert isinstance(found, ResourceRule)
    assert (found.id, found.severity, found.types, found.scope) == ("T-12", "high", (BUCKET,), "graph")
    assert found.options == {"word": Option(default="few", help="A word.")}
    assert [head for head, _ in catalogue.paragraphs(found.manual)] == ["", "What", "Why", "Fix"]
    assert found.origin.endswith("/rules")
    assert [one.name for one in (*found.failing, *found.passing)] == ["open", "closed"]


def test_a_rule_is_proved_by_its_examples(rules: CustomRules) -> None:
    proofs = list(examples.proofs(rules.rules["T-01"], rules.judge))

    assert [(one.example, one.holds) for one in proofs] == [("open", True), ("closed", True)]


def test_a_custom_rule_that_is_asked_here_has_failed_to_run(rules: CustomRules) -> None:
    said = examples.outcome(rules.rules["T-01"], rules.rules["T-01"].passing[0])

    assert said.verdict is Verdict.ERROR


def test_our_own_rules_are_asked_in_this_process(rules: CustomRules) -> None:
    def here(*_: object) -> Outcome:
        raise RuntimeError(str(os.getpid()))

    first = next(one for one in catalogue.ours().values() if isinstance(one, ResourceRule))
    ours = replace(first, check=here)

    said = examples.outcome(ours, ours.failing[0], rules.judge)

    assert said.found == f"RuntimeError: {os.getpid()}"


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    code = "Path(__file__).with_suffix('.pid').write_text(str(subprocess.Popen(['sleep', '600']).pid)); return PASS"
    place = folder(tmp_path / "rules", {"a.py": rule("T-20", code)})
    before = psutil.Process().children()

    with custom.opened([place], limits=LIMITS) as found:
        report = checking.run(checking.Check(rules=found.rules, graph=GRAPH, judge=found.judge))
    pid = int((place / "a.pid").read_text())

    assert report.counts["T-20"].passed == 3
    assert psutil.Process().children() == before
    assert gone(pid)
    assert sorted(path.name for path in place.iterdir()) == ["a.pid", "a.py"]


def gone(pid: int) -> bool:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
    return False


def test_without_custom_rules_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(custom, "Process", None)

    with custom.opened([]) as found:
        assert found.rules == {}


def test_a_rule_of_an_installed_package_is_loaded_only_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    folder(site / "acme_rules", {"__init__.py": "", "owner.py": rule("ACME-1", "return PASS")})
    named = "[groundplan.rules]\nowner = acme_rules.owner\n"
    folder(site / "acme-1.0.dist-info", {"METADATA": "Metadata-Version: 2.1\nName: acme\n", "entry_points.txt": named})
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    monkeypatch.setenv("PYTHONPATH", str(site))

    with custom.opened([], limits=LIMITS) as none, custom.opened([], packages=True, limits=LIMITS) as found:
        assert none.rules == {}
        assert {id: one.origin for id, one in found.rules.items()} == {"ACME-1": "acme"}


BROKEN = {
    "b01.py": ("def (:\n", "the rule is no Python: invalid syntax", ":1"),
    "b02.py": ("import nowhere_at_all\n",
               "the rule cannot be loaded: ModuleNotFoundError: No module named 'nowhere_at_all'", ":1"),
    "b03.py": ("x = 1\n\nraise SystemExit(3)\n", "the rule cannot be loaded: SystemExit: 3", ":3"),
    "b04.py": ("import os\nos._exit(7)\n", "the rule cannot be loaded: it ended its process with exit code 7", ""),
    "b05.py": ("while True: pass\n", "the rule cannot be loaded: it ran longer than 2 s", ""),
    "b06.py": ("", "the rule cannot be used: it has no RULE = ResourceRule(…) or ConfigRule(…)", ""),
    "b07.py": (rule("lower-1", "return PASS"), "the rule cannot be used: the id 'lower-1' is not like AML-01", ""),
    "b08.py": (rule("T-30", "return PASS").replace("Severity.HIGH", "'high'").replace("(TYPE,)", "TYPE"),
               "the rule cannot be used: its severity is no Severity; its types is no tuple of texts", ""),
    "b09.py": (rule("T-31", "return PASS").replace("Fix:", "Do:"),
               "the rule cannot be used: its docstring has no paragraph Fix:", ""),
    "b10.py": (rule("AML-01", "return PASS"), "the id AML-01 is taken by a rule of groundplan", ""),
    "b11.py": (rule("T-32", "return PASS"), "", ""),
    "b12.py": (rule("T-32", "return PASS"), "the id T-32 is taken by a rule of {folder}/b11.py", ""),
    "b13.py": (rule("T-33", "return PASS", more="options={'x': 3},"),
               "the rule cannot be used: its options is no mapping of Option", ""),
}  # fmt: skip


def test_every_file_that_is_no_rule_is_named_at_once(tmp_path: Path) -> None:
    place = folder(tmp_path / "rules", {name: text for name, (text, _, _) in BROKEN.items()})
    empty = folder(tmp_path / "empty", {"_only.py": ""})

    with pytest.raises(UsageError) as caught, custom.opened([place, empty, tmp_path / "none"], limits=LIMITS):
        pass

    told = [(one.message, one.where) for one in caught.value.problems]
    wanted = [
        (f"the folder of rules {empty} holds no rule", ""),
        (f"the folder of rules {tmp_path / 'none'} is not there", ""),
        *((message.format(folder=place), f"{place / name}{line}") for name, (_, message, line) in BROKEN.items()
          if message),
    ]  # fmt: skip
    assert told == wanted
    assert all(one.hint for one in caught.value.problems)
    assert caught.value.message == f"{len(wanted)} custom rules cannot be used"
