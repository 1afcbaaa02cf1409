"""A compute instance stops when nobody works on it.

What: ``properties.properties.idleTimeBeforeShutdown`` is an ISO 8601 duration between 15 minutes, the least that Azure
takes, and the setting ``most_minutes``, three days by default, the most. Where it is absent the instance never stops.

Why: a forgotten machine costs money day and night, and is one more that nobody patches.

Fix: write ``idle`` at the workstation in ``compute`` of groundplan.yaml; elsewhere set the property, such as ``PT1H``.

Decided: published rules are content with any value. One that Azure refuses, or that is longer than what was agreed, is
no shutdown.
"""

import re

from ..conditions import equals, judged, when
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

COMPUTE = "azure-native:machinelearningservices:Compute"
PATH = "properties.properties.idleTimeBeforeShutdown"
_LEAST = 15
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.IGNORECASE)


def _minutes(value: object) -> float:
    """The minutes of an ISO 8601 duration of days and less; 0 for anything else."""
    found = _DURATION.fullmatch(str(value))
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return days * 1440 + hours * 60 + minutes + seconds / 60


def _stops(compute: Resource, facts: Facts) -> Said:
    most = facts.number("most_minutes")
    expected = f"an ISO 8601 duration of {_LEAST} to {most:g} minutes"
    return judged(PATH, compute.get(PATH), lambda value: _LEAST <= _minutes(value) <= most, expected)


def _instance(**inner: object) -> dict[str, object]:
    return {"properties": {"computeType": "ComputeInstance", "properties": inner}}


RULE = ResourceRule(
    id="AML-13",
    title="Compute instance shuts down when idle",
    severity=Severity.MEDIUM,
    types=(COMPUTE,),
    check=when(equals("properties.computeType", "ComputeInstance"), _stops, "only compute instances wait for a person"),
    options={"most_minutes": Option(default=4320, help="The longest idle time before a shutdown, in minutes.")},
    covers=("azp:679ddf89-ab8f-48a5-9029-e76054077449", "Azure.ML.ComputeIdleShutdown"),
    packs=("baseline", "hardened"),
    remedy="compute.<name>.idle: 30m",
    failing=(
        example("Azure's default", COMPUTE, _instance()),
        example("too long", COMPUTE, _instance(idleTimeBeforeShutdown="P3DT1S")),
        example("no duration", COMPUTE, _instance(idleTimeBeforeShutdown="30m")),
        example(
            "longer than agreed",
            COMPUTE,
            _instance(idleTimeBeforeShutdown="PT2H"),
            settings={"most_minutes": 60},
        ),
    ),
    passing=(
        example("after an hour", COMPUTE, _instance(idleTimeBeforeShutdown="PT1H")),
        example("after 1800 seconds", COMPUTE, _instance(idleTimeBeforeShutdown="PT1800S")),
    ),
)
