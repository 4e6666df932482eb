"""`kulanse tail`: events as they come, one line each."""

import asyncio
from typing import Annotated

import typer

Topics = Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]…", help="all, unless named")]
FromStart = Annotated[bool, typer.Option("--from-start", help="begin with what lies there")]
Follow = Annotated[
    bool, typer.Option("--follow/--no-follow", help="wait for more, or stop where the log ends")
]
OfComplaint = Annotated[str, typer.Option("--complaint", metavar="ID", help="this complaint alone")]
Json = Annotated[bool, typer.Option("--json", help="each event whole, as JSON, one a line")]


def tail(  # signature: typer
    topics: Topics = None,
    *,
    from_start: FromStart = False,
    follow: Follow = True,
    complaint: OfComplaint = "",
    as_json: Json = False,
) -> None:
    """Show events as they come. Ctrl-C ends it."""
    asyncio.run(
        _told(topics or [], from_start=from_start, follow=follow, complaint=complaint, json=as_json)
    )


async def _told(
    topics: list[str], *, from_start: bool, follow: bool, complaint: str, json: bool
) -> None:
    from services.cli import bus, events
    from services.cli.output import print_json, say
    from services.cli.running import need
    from services.cli.surroundings import settings
    from shared.errors import Refused

    wanted = _named(topics)
    bootstrap = need(settings()).bootstrap
    partitions = await bus.there(bootstrap, wanted)
    if not partitions:
        message = f"The broker at {bootstrap} has none of these topics."
        raise Refused("no_topics", message, "Start the services once: they make them.")
    async with bus.reader(bootstrap) as consumer:
        records = (
            bus.coming(consumer, partitions, from_start=from_start)
            if follow
            else bus.in_time(bus.lying(consumer, partitions))
        )
        async for record in records:
            if complaint and not events.is_about(record, complaint):
                continue
            if json:
                print_json(events.as_json(record))
            else:
                say(events.as_line(record))


def _named(topics: list[str]) -> list[str]:
    """Every topic, or those named; raises `Invalid` for one that there is not."""
    from services.cli.failures import BadInput
    from shared.contracts.topics import BY_NAME, SUBMITTED

    for name in topics:
        if name not in BY_NAME and not name.startswith(f"{SUBMITTED.name}."):
            raise BadInput("unknown_topic", "TOPIC", f"no {name}; there are {', '.join(BY_NAME)}")
    return topics or list(BY_NAME)
