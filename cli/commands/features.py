"""Read features: those of an entity now, and those that were known when something was observed."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core import clock, digests, files
from ...core.errors import NotFoundError, UsageError
from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..command import group
from ..options import environment_option
from ..output import Output, problem_data
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.features import FeatureSet, Key
    from ...lifecycle.features.newest import Entity, Newest
    from ...lifecycle.features.retrieving import Retrieved
    from ...stacks.config.resolved import Resolved

SECTION = "model"

command = group(
    "features",
    help="Read features: those of an entity now, and those that were known when something was observed.",
    examples="""groundplan features list
    groundplan features get customers --key 4711
    groundplan features retrieve customers --rows observations.csv --out training.csv""",
)

_environment = environment_option("Read the features of this environment.  [default: the first]")


@make_command(
    "list",
    parent=command,
    examples="""groundplan features list
    groundplan features list -e staging --format json""",
)
@_environment
def list_(session: Session, environment: str | None) -> Result:
    """Show the feature sets of the config: whom they are about, their keys and columns, and where they are read.

    Nothing is asked: a set without features names all columns that are neither key nor time.
    """
    from ...stacks.feature_sets import feature_sets

    config = session.config(environment)
    sets = list(feature_sets(config).values())
    views = [one.at.view.rpartition("/")[2] for one in sets]

    def text(output: Output) -> None:
        if not sets:
            output.line("the config names no feature set")
        output.table(
            ["set", "entity", "keys", "features", "time", "read from", *(["view"] if any(views) else [])],
            [
                [one.name, one.entity, ", ".join(one.keys), ", ".join(one.features) or "all other columns",
                 one.timestamp or "-", one.place, *([view or "-"] if any(views) else [])]
                for one, view in zip(sets, views, strict=True)
            ],
        )  # fmt: skip

    data = {"environment": config.environment, "sets": [_described(one) for one in sets]}
    return Result(data=data, text=text, next=[f"groundplan features get {sets[0].name} --key KEY"] if sets else [])


@make_command(
    "get",
    parent=command,
    examples="""groundplan features get customers --key 4711
    groundplan features get customers --key 4711 --key 4712 -e staging
    groundplan features get visits --key 4711,berlin --offline --format json""",
)
@click.argument("name", metavar="SET")
@click.option("--key", "keys", multiple=True, required=True, metavar="KEY",
              help="An entity; can be repeated. Several keys of one have commas between them.")  # fmt: skip
@_environment
@click.option("--offline", is_flag=True, help="Read the rows, also where a view serves them.  [default: off]")
def get(session: Session, name: str, keys: tuple[str, ...], environment: str | None, offline: bool) -> Result:
    """Show the newest values of entities: from the view where features.online made one, else from the set's rows.

    A value that a row leaves out is the one that was known before. Ends with 6 when an entity is nowhere.
    """
    from ...lifecycle.features.newest import newest
    from ...stacks.feature_sets import feature_sets
    from ..feature_sets import chosen, opened

    config = session.config(environment)
    (one,) = chosen(feature_sets(config), [name])
    wanted = list(dict.fromkeys(_key(one, text) for text in keys))
    with opened(config) as features:
        found = newest(features, one, wanted, now=clock.now(), offline=offline)
    if not found.found:
        raise _nowhere(one, found)
    return _values(one, config.environment, found)


@make_command(
    "retrieve",
    parent=command,
    examples="""groundplan features retrieve customers --rows observations.csv --out training.csv
    groundplan features retrieve customers visits --rows observations.csv --time seen --out training.csv -e dev""",
)
@click.argument("names", nargs=-1, required=True, metavar="SET...")
@click.option("--rows", required=True, type=click.Path(path_type=Path), metavar="FILE",
              help="The observations: a CSV file with the sets' keys and a time.")  # fmt: skip
@click.option("--time", metavar="COLUMN",
              help="The column that says when each was observed.  [default: the sets' own timestamp]")  # fmt: skip
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the observations with their features here, as CSV.")  # fmt: skip
@_environment
def retrieve(
    session: Session, names: tuple[str, ...], rows: Path, time: str | None, out: Path, environment: str | None
) -> Result:
    """Join feature sets to observations: for each the newest values that were known at its moment, never later ones.

    The file has the observations in their order, with the columns of every set behind them, empty where nothing was
    known; a data source can name it. Keys are compared as text. A set without timestamp is joined by its keys alone.
    """
    from ...lifecycle.features import retrieving
    from ...lifecycle.local.data import observations
    from ...stacks.feature_sets import feature_sets
    from ..feature_sets import chosen, opened

    config = session.config(environment)
    sets = chosen(feature_sets(config), names)
    if out.resolve() == rows.resolve():
        raise UsageError("--out would take the place of --rows", hint="Write to another file.")
    seen = observations.read(session.folder / rows, str(rows))
    with opened(config) as features:
        found = retrieving.retrieve(features, sets, seen, time=_time(sets, time, seen.header))
    _write(session.folder / out, found)
    return _written(config, rows, out, digests.of_file(session.folder / out), found)


def _key(one: FeatureSet, text: str) -> Key:
    """The parts of a key as it was typed; a set with one key takes the text as it is. Raises UsageError."""
    parts = next(csv.reader([text]), [""]) if len(one.keys) > 1 else [text]
    if len(parts) != len(one.keys) or not all(parts):
        raise UsageError(
            f"the set {one.name!r} has the keys {', '.join(one.keys)}, and --key {text!r} gives no value of each",
            hint=f"--key {','.join(name.upper() for name in one.keys)}",
        )
    return tuple(parts)


def _time(sets: Sequence[FeatureSet], time: str | None, header: Sequence[str]) -> str | None:
    """The column with the time of the observations. Raises UsageError where it is neither named nor clear."""
    own = list(dict.fromkeys(one.timestamp for one in sets if one.timestamp is not None))
    if not own:
        if time is not None:
            raise UsageError("--time says nothing: none of these sets has a timestamp", hint="Leave it out.")
        return None
    if time is not None:
        return time
    if len(own) == 1 and own[0] in header:
        return own[0]
    raise UsageError(
        "it is not said when the observations were made",
        hint=f"Add --time COLUMN, one of {', '.join(header)}.",
    )


def _nowhere(one: FeatureSet, found: Newest) -> NotFoundError:
    asked = "; ".join(",".join(key) for key in found.unknown)
    return NotFoundError(
        f"nothing is known of {one.entity} {asked} in the set {one.name!r}, read from {_by(one, found)}",
        where=one.where,
        hint="Keys are compared as text, letter by letter: '7' is neither '007' nor '7.0'.",
    )


def _by(one: FeatureSet, found: Newest) -> str:
    return one.at.view if found.by == "view" else one.place


def _values(one: FeatureSet, environment: str, found: Newest) -> Result:
    missing = [_nowhere(one, found)] if found.unknown else []

    def text(output: Output) -> None:
        for error in missing:
            output.warning(error.message)
        since = any(entity.since for entity in found.found)
        columns = [*one.keys, *found.found[0].values, *(["since"] if since else [])]
        output.table(columns, [_cells(entity, since=since) for entity in found.found])
        output.message(f"{one.name} of {environment}, read from {_by(one, found)}", "dim")

    data = {
        "environment": environment,
        "set": one.name,
        "by": found.by,
        "read_from": _by(one, found),
        "entities": [
            {
                "key": dict(zip(one.keys, entity.key, strict=True)),
                "values": {column: value or None for column, value in entity.values.items()},
                "since": None if entity.since is None else clock.to_text(entity.since),
            }
            for entity in found.found
        ],
        "unknown": [dict(zip(one.keys, key, strict=True)) for key in found.unknown],
    }
    return Result(
        data=data,
        text=text,
        errors=[problem_data(error.code, problem) for error in missing for problem in error.problems],
        exit_code=ExitCode.NOT_FOUND if missing else ExitCode.DONE,
    )


def _cells(entity: Entity, *, since: bool) -> list[str]:
    cells = [*entity.key, *(value or "-" for value in entity.values.values())]
    if since:
        cells.append(clock.for_people(clock.to_text(entity.since)) if entity.since else "-")
    return ["".join(one if one.isprintable() else "?" for one in cell) for cell in cells]


def _write(out: Path, found: Retrieved) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(found.header)
    writer.writerows(found.rows)
    files.write_text(out, written.getvalue())


def _written(config: Resolved, rows: Path, out: Path, digest: str, found: Retrieved) -> Result:
    total, target = len(found.rows), config.config.data.target

    def text(output: Output) -> None:
        output.line(f"{total} rows are in {out}", "good")
        output.line(digest)
        output.table(
            ["set", "columns", "without a match", "read from"],
            [[one.one.name, str(len(one.columns)), str(one.unmatched), one.one.place] for one in found.joined],
        )

    data = {
        "environment": config.environment,
        "rows": total,
        "columns": list(found.header),
        "time": found.time,
        "sets": [
            {**_described(one.one), "columns": list(one.columns), "unmatched": one.unmatched} for one in found.joined
        ],
        "observations": str(rows),
        "out": str(out),
        "digest": digest,
    }
    nowhere = [
        f"no row of the set {one.one.name!r} matches: keys are compared as text, letter by letter, and a row "
        "counts only from its own time on"
        for one in found.joined
        if one.unmatched == total
    ]
    check = f"groundplan data check --file {shlex.quote(str(out))} --target {shlex.quote(target)}"
    return Result(data=data, text=text, warnings=nowhere, next=[check] if target in found.header else [])


def _described(one: FeatureSet) -> Mapping[str, object]:
    return {
        "name": one.name,
        "entity": one.entity,
        "keys": list(one.keys),
        "features": list(one.features),
        "timestamp": one.timestamp,
        "read_from": one.place,
        "view": one.at.view or None,
    }
