"""`kulanse send`: put complaints in at intake's door, or on the topic itself."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pydantic import JsonValue

Given = Annotated[
    str | None, typer.Argument(metavar="TEXT|FILE|-", help="a text, .json, .jsonl, .eml, or -")
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="one complaint a line")]
Kafka = Annotated[bool, typer.Option("--kafka", help="to complaints.submitted, past the door")]
From = Annotated[str, typer.Option("--from", metavar="ADDRESS", help="whose a plain text is")]
Json = Annotated[bool, typer.Option("--json", help="answers as JSON, one a line")]


def send(  # signature: typer
    given: Given = None,
    *,
    jsonl: Jsonl = False,
    kafka: Kafka = False,
    sender: From = "",
    as_json: Json = False,
) -> int:
    """Send complaints. No flag is needed where `kulanse up` runs.

    Sending again is always safe: the same message is the same complaint.
    """
    from services.cli.failures import FAILED, OK
    from services.cli.output import console, print_json, say
    from services.cli.reading import documents, whole_mail

    found = documents(given, jsonl=jsonl, sender=sender)
    # The door takes a mail with its files; what goes past it can only name them.
    mail = None if kafka or jsonl else whole_mail(given)
    failed, last = False, ""
    for answer in _produced(found) if kafka else _posted(found, mail=mail):
        failed = failed or "problems" in answer
        if as_json:
            print_json(answer)
        else:
            for line in _lines(answer):
                say(line)
            last = str(answer.get("complaint_id") or last)
    if last and console().is_terminal:
        say(f"See what becomes of it: kulanse cases show {last}")
    return FAILED if failed else OK


def _posted(found: Iterable[bytes], *, mail: bytes | None) -> "Iterator[dict[str, JsonValue]]":
    import httpx

    from services.cli import running
    from services.cli.failures import Unreachable
    from services.cli.surroundings import settings

    ours = settings()
    url = running.need(ours).intake_url
    key = running.secret(
        ours, name=running.CLI_KEY, variable="KULANSE_API_KEY", what="API key for intake's door"
    )
    kind = "application/json" if mail is None else "message/rfc822"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as door:
        for raw in found if mail is None else (mail,):
            try:
                answer = door.post("/v1/complaints", content=raw)
            except httpx.HTTPError as error:
                message = f"Intake's door does not answer at {url} ({type(error).__name__})."
                raise Unreachable("intake_unreachable", message, running.START_IT) from None
            yield _read(answer.status_code, answer.content)


def _read(status: int, body: bytes) -> "dict[str, JsonValue]":
    import orjson

    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    if status < 300:  # noqa: PLR2004 -- 2xx
        return said
    unknown = {"code": "unexpected_answer", "field": "", "hint": f"the door answered {status}"}
    return {"status": status, "problems": said.get("problems") or [unknown]}


def _produced(found: Iterable[bytes]) -> "Iterator[dict[str, JsonValue]]":
    yield from asyncio.run(_produce(list(found)))


async def _produce(found: list[bytes]) -> "list[dict[str, JsonValue]]":
    from services.cli import bus
    from services.cli.running import need
    from services.cli.surroundings import settings
    from shared.contracts.envelope import Outgoing
    from shared.contracts.topics import SUBMITTED

    async with bus.writer(need(settings()).bootstrap) as producer:
        places = [
            await bus.put(producer, Outgoing(SUBMITTED.name, None, raw.strip())) for raw in found
        ]
    return [{"produced": str(place)} for place in places]


def _lines(answer: "dict[str, JsonValue]") -> Iterator[str]:
    problems = answer.get("problems")
    if isinstance(problems, list):
        for each in problems:
            if isinstance(each, dict):
                where = f"{each.get('field')}: " if each.get("field") else ""
                yield f"refused   {where}{each.get('hint')} [{each.get('code')}]"
    elif "produced" in answer:
        yield f"produced  {answer['produced']}"
    else:
        yield f"accepted  {answer.get('complaint_id')}"
