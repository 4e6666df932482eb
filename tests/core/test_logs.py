"""Nothing personal in a log: planted words go through the stages and the doors, and stay out."""

import ast
import io
import logging
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import pytest
import structlog

from services.desk.acting import Acting
from services.desk.door import Door
from services.desk.effect import Ledger
from services.desk.outlet import Outlet
from services.desk.serving import application
from services.desk.tokens import Tokens
from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys, mint_key
from services.intake.doors.taking import Taking
from services.intake.policy import load
from shared import log
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.errors import Transient
from shared.settings import Settings
from shared.stage.effects import Claimed, Outcome
from shared.stage.patience import retried, retries_told_without_words
from tests.core.test_desk_door_world import Here, Through
from tests.core.test_desk_examples import CASE, POLICY
from tests.core.test_intake_http import FakeOut
from tests.everybody import Everybody
from tests.tidy.source import ROOT

NAME, MAIL, PHONE = "Ragnhild Plantet", "ragnhild.plantet@example.com", "+47 912 34 567"
WORDS = "kaffitraktaren brann opp paa hytta til Ragnhild"
FORGED = '\n{"event":"forged","level":"info"}'
CANARIES = (NAME, "Ragnhild", "Plantet", MAIL, "ragnhild", PHONE, "912 34 567", "91234567", "hytta")
MESSAGE: dict[str, object] = {
    "channel": "email",
    "channel_message_id": f"<{MAIL}>",
    "complainant": {"name": NAME, "email": MAIL, "phone": PHONE},
    "on_behalf_of": NAME,
    "subject": f"Klage frå {NAME}{FORGED}",
    "text": f"{WORDS}. Ring meg på {PHONE}.{FORGED} Eg vil ha pengane att, 399 kr!",
}
BAD = (
    orjson.dumps({**MESSAGE, NAME: MAIL}),
    orjson.dumps({**MESSAGE, "channel": NAME}),
    orjson.dumps({**MESSAGE, "received_at": MAIL}),
    orjson.dumps(MESSAGE)[:-9],
    b"\xff" + MAIL.encode(),
    MAIL.encode(),
)


@pytest.fixture
def written() -> Iterator[io.BytesIO]:
    """Where the process logs, at the level that says most."""
    before = structlog.get_config()
    hooks, root = (sys.excepthook, threading.excepthook), logging.getLogger()
    handlers, level = list(root.handlers), root.level
    # A command may have hushed it before us, for its process.
    theirs = logging.getLogger("aiokafka")
    hushed = theirs.level
    theirs.setLevel(logging.NOTSET)
    stream = io.BytesIO()
    log.configure("debug", stream)
    retries_told_without_words()
    yield stream
    structlog.configure(**before)
    sys.excepthook, threading.excepthook = hooks
    root.handlers[:] = handlers
    root.setLevel(level)
    theirs.setLevel(hushed)


def check_clean(written: io.BytesIO) -> list[dict[str, object]]:
    """Every line is one JSON object, and no planted word is in any; the lines."""
    text = written.getvalue().decode()
    found = [canary for canary in CANARIES if canary.lower() in text.lower()]
    assert found == []
    lines = [orjson.loads(line) for line in text.splitlines()]
    assert [line for line in lines if line["event"] == "forged"] == []
    return lines


async def test_the_stages_keep_planted_words_to_themselves(
    written: io.BytesIO, tmp_path: Path
) -> None:
    """A complainant's name, address or words would lie in a log that everybody reads."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    for message in (MESSAGE, MESSAGE, *BAD):
        everybody.submit(message)
    await everybody.work()
    said = {str(line["event"]) for line in check_clean(written)}
    assert said >= {"decided", "dead_letters"}
    mails = b"".join(mail.read_bytes() for mail in (tmp_path / "outbox" / "mail").iterdir())
    assert MAIL.encode() in mails, "the planted words went nowhere"


class Quoting:
    """A provider whose failure quotes the letter."""

    async def perform(self, effect: Claimed) -> Outcome:
        """Fail, in the complainant's words."""
        raise RuntimeError(str(effect.payload) + NAME)

    async def ask(self, effect: Claimed) -> Outcome:
        """Fail again."""
        return await self.perform(effect)


async def test_a_provider_that_quotes_is_not_quoted(written: io.BytesIO, tmp_path: Path) -> None:
    """A relay's error repeats the address that it refused."""
    everybody = Everybody(tmp_path)
    notify = everybody.services["notify"]
    notify.dispatcher.stage = replace(notify.stage, performers={"mail": Quoting()})
    await everybody.start()
    everybody.submit(MESSAGE)
    await everybody.work()
    assert "effect_unknown" in {line["event"] for line in check_clean(written)}


async def test_intakes_door_keeps_planted_words(written: io.BytesIO, tmp_path: Path) -> None:
    """A hostile or mistaken request would be copied into the log."""
    out = FakeOut()
    key = mint_key(tmp_path, "shop", scopes=[])
    app = make_app(Taking(Admission(load()[0], b"s" * 32), out), Keys(tmp_path).caller)
    transport = httpx.ASGITransport(app=app)
    said = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://door.example.com") as http:
        for body in (orjson.dumps(MESSAGE), *BAD):
            await http.post("/v1/complaints", content=body, headers=said)
        await http.post(f"/v1/{MAIL}", content=b"", headers={"Authorization": f"Bearer {MAIL}"})
        await http.post("/v1/complaints", content=b"", headers={"Content-Type": MAIL})
        out.failure = RuntimeError(WORDS)
        await http.post("/v1/complaints", content=orjson.dumps(MESSAGE), headers=said)
    events = {line["event"] for line in check_clean(written)}
    assert events == {"complaint_taken", "turned_away", "internal_error"}


class Quotes(Outlet):
    """A way to Kafka with a bug that quotes what it was given."""

    async def publish(self, event: Event[Contract]) -> None:
        """Fail, in a person's words."""
        raise RuntimeError(WORDS + str(event))


def test_the_desks_door_keeps_planted_words(written: io.BytesIO, tmp_path: Path) -> None:
    """What a handler writes to a complainant would lie in the log."""
    here = Here(tmp_path)
    here.said("POST", f"/v1/cases/{MAIL}/take", sent={"json": {"reason": WORDS}})
    here.said("POST", f"/v1/cases/x/{NAME}", sent={"content": BAD[0]})

    settings = Settings(state_dir=tmp_path)
    ledger, tokens = Ledger(here.loop.engine), Tokens(tmp_path)
    acting = Acting(ledger, Quotes(settings), POLICY)
    here.way = Through(application(Door(acting, tokens)))
    answer = here.said("POST", f"/v1/cases/{CASE}/take", sent={"json": {"reason": WORDS}})
    assert answer.status_code == 500
    assert "door_failed" in {line["event"] for line in check_clean(written)}


@pytest.mark.parametrize("kept", [0, -1])
def test_a_full_disk_of_logs_stops_nobody(written: io.BytesIO, kept: int) -> None:
    """The door would answer 500, and a stage neither go on nor end, until somebody looks."""
    told = 0
    with suppress(OSError), Path("/dev/full").open("wb", buffering=kept) as full:
        log.configure("info", stream=full)
        for _ in range(100):
            structlog.get_logger().info("decided", type="x" * 200)
            told += 1
    assert told == 100
    log.configure("info", stream=written)
    structlog.get_logger().info("decided")
    assert b"decided" in written.getvalue()


def test_a_library_is_not_quoted(written: io.BytesIO) -> None:
    """asyncio, Kafka's client and uvicorn log exceptions, and those quote what they choked on."""
    theirs = logging.getLogger("asyncio")
    try:
        raise ValueError(f"{NAME} {MAIL}")
    except ValueError as error:
        theirs.error(f"Task exception was never retrieved\nfuture: {error!r}", exc_info=error)
        theirs.exception("Crashed reason=%r", error)
        theirs.warning("cannot send to '%s'", MAIL)
        theirs.warning(f"cannot send to {MAIL}, {PHONE}")
        theirs.warning("offset %d of %s", 7, "complaints.registered")
    lines = check_clean(written)
    assert [line["said"] for line in lines] == [
        "Task exception was never retrieved",
        "Crashed reason='ValueError'",
        "cannot send to '…'",
        "cannot send to … …",
        "offset 7 of complaints.registered",
    ]
    assert {line["error"] for line in lines} == {"ValueError", None}


def test_a_flood_is_one_line_in_ten_seconds(written: io.BytesIO) -> None:
    """A broker that is away for ten minutes would fill the disk with one sentence."""
    times_s = [0.0, 0.1, 9.9, 10.0, 20.5]
    theirs = logging.getLogger("aiokafka.conn")
    logging.getLogger().handlers[:] = [log.Foreign(clock=lambda: times_s[0])]
    while times_s:
        theirs.warning("Failed connecting to node %d", 1)
        theirs.warning("another sentence")
        times_s.pop(0)
    lines = check_clean(written)
    assert [line["more"] for line in lines if "node" in str(line["said"])] == [0, 2, 0]
    assert len(lines) == 6


def test_what_nobody_caught_is_one_line(written: io.BytesIO) -> None:
    """Python would print the words of the exception, over many lines."""
    try:
        raise RuntimeError(WORDS)
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    (line,) = check_clean(written)
    assert (line["event"], line["error"]) == ("unhandled", "RuntimeError")
    assert "test_logs.py" in str(line["where"])


async def test_a_retry_is_told_without_words(written: io.BytesIO) -> None:
    """The database's error holds the row that it could not write."""
    failures = [Transient(WORDS)]

    def flaky() -> str:
        if failures:
            raise failures.pop()
        return "done"

    assert await retried(flaky) == "done"
    (line,) = check_clean(written)
    assert (line["event"], line["error"], line["number"]) == ("tried_again", "Transient", 1)


LEVELS = ("debug", "info", "warning", "error")


def _logged() -> dict[str, tuple[str, set[str]]]:
    """Every call of a logger in our code: event, level, fields."""
    found = {}
    for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            owner = ast.unparse(node.func.value)
            if owner not in ("structlog.get_logger()", "log") or not node.args:
                continue
            event = node.args[-1]
            constant = isinstance(event, ast.Constant) and isinstance(event.value, str)
            if constant and node.func.attr in (*LEVELS, "log"):
                level = "warning" if node.func.attr == "log" else node.func.attr
                fields = {keyword.arg or "**" for keyword in node.keywords}
                found[ast.literal_eval(event)] = (level, fields)
    return found


def _on_the_page() -> dict[str, tuple[str, set[str]]]:
    page = (ROOT / "docs" / "reference" / "logs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([\w, ]*) \|", page, re.MULTILINE)
    return {event: (level, set(fields.split(", "))) for event, level, fields in rows}


def test_the_page_lists_every_line_and_every_field() -> None:
    """A field that nobody looked at could be a name; the page would not say what a line means."""
    logged = {**_logged(), "unhandled": ("error", {"error", "where"})}
    assert logged == _on_the_page()
