"""The scorecard as `kulanse report` shows it: on a terminal, as JSON, as CSV or as a page."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.cli.lives import Life
    from services.cli.measures import Measure

# What a spreadsheet takes for a formula (OWASP, CSV injection; ASVS 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_COLUMNS = ("criterion", "name", "group", "value", "low", "high", "unit", "n", "events")


def show(*, by: str, as_json: bool, as_csv: bool, as_html: bool = False) -> None:
    """Print the scorecard; raises `BadInput` for a group that there is not."""
    from services.cli.failures import BadInput
    from services.cli.lives import is_synthetic
    from services.cli.output import print_json
    from services.cli.scorecard import GROUPS, causes, exposure, scorecard

    if by and by not in GROUPS:
        raise BadInput("unknown_group", "--by", f"no {by}; there are {', '.join(GROUPS)}")
    lives = asyncio.run(_lives())
    measures = scorecard(lives, by=by)
    lives = {name: life for name, life in lives.items() if not is_synthetic(life)}
    top, abuse = causes(lives), exposure(lives)
    if as_json:
        rows = [measure.model_dump() for measure in measures]
        found = [{"phase": p, "category": c, "n": n} for p, c, n in top]
        print_json({"complaints": len(lives), "measures": rows, "causes": found, "exposure": abuse})
    elif as_csv:
        sys.stdout.write(csv_of(measures))
    elif as_html:
        from services.cli.report_page import page_of

        page = page_of(measures, complaints=len(lives), causes=top, exposure=abuse)
        sys.stdout.write(page)
    else:
        _show(measures, len(lives))
        _show_rest(top, abuse)


async def _lives() -> "dict[str, Life]":
    """What lies in the log, as lives; a record that is no event counts for nothing."""
    from services.cli import bus
    from services.cli.lives import lives_of
    from services.cli.running import need
    from services.cli.sealed import opened, vault_of
    from services.cli.surroundings import settings
    from shared.contracts import topics as t
    from shared.contracts.codec import decode
    from shared.errors import Invalid

    names = [
        topic.name
        for topic in (t.REGISTERED, t.TRIAGED, t.NOTIFICATIONS, t.CASES, t.PROMISES, t.FEEDBACK)
    ]
    bootstrap, found = need(settings()).bootstrap, []
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, names)):
            try:
                found.append(decode(record))
            except Invalid:
                continue
    return lives_of(opened(vault_of(settings()), found))


def csv_of(measures: "Sequence[Measure]") -> str:
    """The measures as CSV; a cell that a spreadsheet would run begins with an apostrophe."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for measure in measures:
        fields = measure.model_dump()
        writer.writerow([_cell(fields[column]) for column in _COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def _show(measures: "Sequence[Measure]", complaints: int) -> None:
    from rich.table import Table

    from services.cli.output import console

    table = Table("criterion", "what", "value", "95 %", "n", title=f"{complaints} complaints")
    for each in measures:
        name = f"{each.name} ({each.group})" if each.group else each.name
        value, interval = _spoken(each)
        table.add_row(each.criterion, name, value, interval, str(each.n))
    console().print(table)


def _show_rest(top: Sequence[tuple[str, str, int]], abuse: dict[str, int]) -> None:
    from services.cli.output import say

    for phase, category, count in top:
        say(f"{phase}: {category}, {count}")
    say(f"hostile: {abuse['hostile']}, threats: {abuse['threat']}")


def _spoken(measure: "Measure") -> tuple[str, str]:
    if measure.value is None or measure.low is None or measure.high is None:
        return "too few", ""
    from services.cli.report_page import figure

    shown = [figure(each, measure.unit) for each in (measure.value, measure.low, measure.high)]
    return shown[0], f"{shown[1]} to {shown[2]}"
