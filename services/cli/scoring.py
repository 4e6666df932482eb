"""The scorecard as `kulanse report` shows it: on a terminal, as JSON, as CSV or as a page."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from pydantic import JsonValue

    from shared.contracts.contract import Contract
    from shared.contracts.envelope import Event
    from shared.contracts.topics import Topic
    from shared.scorecard.following_up import Followed
    from shared.scorecard.measures import Measure

# What a spreadsheet takes for a formula (OWASP, CSV injection; ASVS 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_COLUMNS = ("criterion", "name", "group", "value", "low", "high", "unit", "n", "events")


def show(*, by: str, as_json: bool, as_csv: bool, as_html: bool = False) -> None:
    """Print the scorecard; raises `BadInput` for a group that there is not."""
    from services.cli.failures import BadInput
    from services.cli.output import print_json, say
    from services.cli.report_page import page_of
    from shared.scorecard.following_up import followed_up, shares, standing
    from shared.scorecard.lives import is_synthetic, lives_of
    from shared.scorecard.scorecard import GROUPS, TOPICS, causes, exposure, scorecard

    if by and by not in GROUPS:
        raise BadInput("unknown_group", "--by", f"no {by}; there are {', '.join(GROUPS)}")
    found = asyncio.run(events_on(*TOPICS))
    every = lives_of(found)
    lives = {name: life for name, life in every.items() if not is_synthetic(life)}
    measures, top, abuse = scorecard(every, by=by, zone=_zone()), causes(lives), exposure(lives)
    followed = followed_up(lives, standing(found))
    if as_json:
        rows = {"complaints": len(lives), "measures": [each.model_dump() for each in measures]}
        print_json({**rows, **_causes_json(top, followed), "exposure": abuse})
    elif as_csv:
        tried = [side for each in followed for side in (each.before, each.after)]
        sys.stdout.write(csv_of([*measures, *shares(top, lives), *tried]))
    elif as_html:
        page = page_of(
            measures, complaints=len(lives), causes=top, exposure=abuse, followed=followed
        )
        sys.stdout.write(page)
    else:
        _show(measures, len(lives))
        _show_causes(top, followed)
        say(f"hostile: {abuse['hostile']}, threats: {abuse['threat']}")


def _zone() -> "ZoneInfo":
    """Where the people are whose day it is."""
    from zoneinfo import ZoneInfo

    from services.cli.policies import desk_policy

    return ZoneInfo(desk_policy()[0].deadlines.calendar.zone)


async def events_on(*topics: "Topic") -> "list[Event[Contract]]":
    """What lies on these topics; a record that is no event counts for nothing."""
    from services.cli import bus
    from services.cli.running import need
    from services.cli.sealed import opened, vault_of
    from services.cli.surroundings import settings
    from shared.contracts.codec import decode
    from shared.errors import Invalid

    names = [topic.name for topic in topics]
    bootstrap, found = need(settings()).bootstrap, []
    async with bus.reader(bootstrap) as consumer:
        async for record in bus.lying(consumer, await bus.there(bootstrap, names)):
            try:
                found.append(decode(record))
            except Invalid:
                continue
    return list(opened(vault_of(settings()), found))


def _causes_json(
    top: "Sequence[tuple[str, str, int]]", followed: "Sequence[Followed]"
) -> "dict[str, JsonValue]":
    from shared.scorecard.following_up import covered

    rows: list[JsonValue] = [{"phase": p, "category": c, "n": n} for p, c, n in top]
    tried: list[JsonValue] = [
        {**each.model_dump(mode="json"), "verdict": each.verdict} for each in followed
    ]
    return {"causes": rows, "causes_with_measure": covered(top, followed), "corrective": tried}


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


def _show_causes(top: "Sequence[tuple[str, str, int]]", followed: "Sequence[Followed]") -> None:
    from services.cli.output import say
    from services.cli.report_page import told
    from shared.scorecard.following_up import covered

    for phase, category, count in top:
        say(f"{phase}: {category}, {count}")
    if top:
        say(f"causes with a measure: {covered(top, followed)} of {len(top)}")
    for each in followed:
        say(f"{each.phase}: {each.cause}, {each.what} ({each.owner})")
        day = f"{each.holds_from:%Y-%m-%d}"
        say(f"  before {day}: {told(each.before)}; since: {told(each.after)}: {each.verdict}")


def _spoken(measure: "Measure") -> tuple[str, str]:
    if measure.value is None or measure.low is None or measure.high is None:
        return "too few", ""
    from services.cli.report_page import figure

    shown = [figure(each, measure.unit) for each in (measure.value, measure.low, measure.high)]
    return shown[0], f"{shown[1]} to {shown[2]}"
