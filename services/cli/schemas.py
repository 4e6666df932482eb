"""`kulanse schemas`: the event types, and the JSON Schema of each."""

from typing import Annotated

import typer

Type = Annotated[str, typer.Argument(metavar="[TYPE]", help="complaint.submitted …")]
Json = Annotated[bool, typer.Option("--json", help="as JSON")]


def schemas(event_type: Type = "", *, as_json: Json = False) -> None:
    """List the event types, or print one's JSON Schema."""
    from services.cli.output import print_json, say
    from shared.contracts.topics import EVENT_TYPES, topic_of

    if event_type:
        _print_schema(event_type, as_json=as_json)
        return
    homes = {name: topic_of(event).name for name, event in EVENT_TYPES.items()}
    if as_json:
        print_json([{"type": name, "topic": topic} for name, topic in homes.items()])
        return
    for name, topic in homes.items():
        say(f"{name:<40}  {topic}")


def _print_schema(event_type: str, *, as_json: bool) -> None:
    import orjson

    from services.cli.failures import BadInput
    from services.cli.output import print_json, say
    from shared.contracts.export import schema_of
    from shared.contracts.topics import EVENT_TYPES

    full = event_type if event_type in EVENT_TYPES else f"kulanse.{event_type}.v1"
    if full not in EVENT_TYPES:
        hint = f"no {event_type}; `kulanse schemas` lists what there is"
        raise BadInput("unknown_type", "TYPE", hint)
    schema = schema_of(EVENT_TYPES[full])
    if as_json:
        print_json(schema)
    else:
        say(orjson.dumps(schema, option=orjson.OPT_INDENT_2).decode())
