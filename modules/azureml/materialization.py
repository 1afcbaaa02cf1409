"""When features are computed anew, in Azure ML's words, which know days and weeks but no cron."""

from __future__ import annotations

import re

from ...core.errors import UsageError

_CRON = re.compile(r"(?P<minute>[0-9]|[1-5][0-9]) (?P<hour>[0-9]|1[0-9]|2[0-3]) \* \* (?P<day>\*|[0-7])")
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PREFIX = "materialization_settings.schedule"


def recurrence(cron: str) -> str:
    """The settings of a feature set for a cron expression in UTC, as ``az ml feature-set update --set`` takes them.

    Raises UsageError for anything but one time of the day, each day or on one day of the week.
    """
    found = _CRON.fullmatch(cron)
    if found is None:
        raise UsageError(
            f"features cannot be computed at {cron!r}: Azure ML knows one time, each day or on a day of the week",
            hint="Write features.schedule as 'MINUTE HOUR * * *' or 'MINUTE HOUR * * DAY', such as '0 3 * * *'.",
        )
    day = found["day"]
    settings = {
        "type": "recurrence",
        "frequency": "day" if day == "*" else "week",
        "interval": "1",
        "pattern.hours": f"[{found['hour']}]",
        "pattern.minutes": f"[{found['minute']}]",
    }
    if day != "*":
        settings["pattern.week_days"] = f"[{_DAYS[int(day)]}]"
    return " ".join(f"{_PREFIX}.{key}={value}" for key, value in settings.items())
