"""What lies in `dead-letters`: read, told, and sent back to where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from services.cli import bus, events
from services.cli.failures import BadInput
from services.cli.mending import mended
from services.cli.output import shown
from services.cli.running import need
from services.cli.sealed import vault_of
from services.cli.surroundings import settings
from shared.contracts.envelope import Record
from shared.contracts.topics import DEAD_LETTERS
from shared.errors import Refused
from shared.mending import Changed
from shared.stage.deadletter import WHOSE, opened_letter
from shared.stage.letter import PREFIX, DeadLetter


@dataclass(frozen=True, slots=True)
class Which:
    """Which dead letters are meant: by reason, topic and when they came; empty means any."""

    reason: str = ""
    topic: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def means(self, letter: DeadLetter) -> bool:
        """Whether this one is meant."""
        wanted = ((self.reason, "code"), (self.topic, "topic"))
        came_at = letter.at
        in_time = (self.since is None or came_at >= self.since) and (
            self.until is None or came_at < self.until
        )
        return in_time and all(not v or letter.said(name) == v for v, name in wanted)


EVERY = Which()


def which(reason: str, topic: str, *, since: str, until: str) -> Which:
    """As they were asked for; raises `BadInput` for what is no time."""
    return Which(reason, topic, _time("--since", since), _time("--until", until))


def _time(option: str, words: str) -> datetime | None:
    if not words:
        return None
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        raise BadInput("not_a_time", option, "as 2026-11-22T08:00, here, or with a zone") from None
    return found.astimezone()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A mended dead letter: what was changed, and where it was (`sent`) or would be sent."""

    id: str
    changes: tuple[Changed, ...]
    sent_to: str
    sent: bool

    def as_json(self) -> dict[str, JsonValue]:
        """For scripts."""
        changed: list[JsonValue] = [
            {"field": field, "before": before, "after": after}
            for field, before, after in self.changes
        ]
        return {"id": self.id, "changed": changed, "sent_to": self.sent_to, "sent": self.sent}


async def all_of_them(which: Which = EVERY) -> list[DeadLetter]:
    """Every dead letter that is meant, oldest first."""
    bootstrap = need(settings()).bootstrap
    partitions = await bus.there(bootstrap, [DEAD_LETTERS.name])
    async with bus.reader(bootstrap) as consumer:
        found = _letters([record async for record in bus.lying(consumer, partitions)])
    meant = [each for each in found if which.means(each)]
    return sorted(meant, key=lambda each: (each.record.timestamp_ms, each.id))


async def one(named: str) -> DeadLetter:
    """The dead letter of this id."""
    place = place_of(named)
    return _letters([await bus.at(need(settings()).bootstrap, place)])[0]


async def _readable(named: str) -> DeadLetter:
    """The same, to be sent again; raises `Refused` when its words are gone."""
    letter = await one(named)
    if letter.forgotten:
        raise Refused("forgotten", f"{named} is of somebody who was forgotten.", "Nothing is left.")
    return letter


def _letters(records: Sequence[Record]) -> list[DeadLetter]:
    """Each as its sender wrote it, where its key is still there."""
    vault = vault_of(settings())
    vault.know_keys({dict(r.headers).get(WHOSE, b"").decode() for r in records} - {""})
    opened = [(record, opened_letter(record, vault)) for record in records]
    return [DeadLetter(found or record, found is None) for record, found in opened]


async def replay(
    named: str | None, *, which: Which = EVERY, dry_run: bool
) -> list[dict[str, JsonValue]]:
    """Send one (or, with None, all that are meant) again; what was or would be sent where."""
    found = [await _readable(named)] if named else await all_of_them(which)
    chosen = [each for each in found if not each.forgotten]
    if dry_run:
        return [{"id": each.id, "sent_to": each.said("topic"), "sent": False} for each in chosen]
    sent: list[dict[str, JsonValue]] = []
    async with bus.writer(need(settings()).bootstrap) as producer:
        for each in chosen:
            place = await bus.put(producer, each.original(), null=each.was_null)
            sent.append({"id": each.id, "sent_to": str(place), "sent": True})
    return sent


async def fix(named: str, sets: Sequence[str], *, unsets: Sequence[str], really: bool) -> Fixed:
    """Send one again with these fields changed; what was or would be changed and sent."""
    letter = await _readable(named)
    output, changes = mended(letter.original(), sets, unsets=unsets)
    place = output.topic
    if really:
        async with bus.writer(need(settings()).bootstrap) as producer:
            place = str(await bus.put(producer, output))
    return Fixed(letter.id, tuple(changes), place, really)


def place_of(named: str) -> bus.Place:
    """Read "dead-letters/3/17" or "3/17"; raises `Invalid`."""
    partition, _, offset = named.removeprefix(f"{DEAD_LETTERS.name}/").partition("/")
    if not all(part.isascii() and part.isdigit() for part in (partition, offset)):
        raise BadInput("bad_id", "ID", "as `kulanse dlq list` names it: dead-letters/3/17")
    return bus.Place(DEAD_LETTERS.name, int(partition), int(offset))


def summary(letter: DeadLetter) -> dict[str, JsonValue]:
    """What `list` tells."""
    return {
        "id": letter.id,
        "at": letter.at.isoformat(),
        "stage": letter.said("stage"),
        "code": letter.said("code"),
        "field": letter.said("field"),
        "hint": letter.said("hint"),
        "came_from": letter.came_from,
        "size_bytes": len(letter.record.value or b""),
        "forgotten": letter.forgotten,
    }


def whole(letter: DeadLetter) -> dict[str, JsonValue]:
    """What `show` tells: also the original, as text where it is text, with odd bytes spelled."""
    raw = letter.record.value or b""
    return {
        **summary(letter),
        "faults": letter.said("faults"),
        "key": (letter.record.key or b"").decode("utf-8", "backslashreplace"),
        "headers": {n: v for n, v in events.headers_of(letter.record).items() if n[:3] != PREFIX},
        "original": None if letter.was_null else raw.decode("utf-8", "backslashreplace"),
        "original_hex": None if _is_text(raw) else raw.hex(),
    }


def line(letter: DeadLetter) -> str:
    """One line of the list."""
    why = f"{letter.said('code')} {letter.said('field')}".strip()
    when = f"{letter.at.astimezone():%Y-%m-%d %H:%M:%S}"
    return f"{letter.id:<22}  {when}  {letter.said('stage'):<9}  {why:<36}  {letter.came_from}"


def lines(letter: DeadLetter) -> list[str]:
    """The whole of it for people."""
    told = whole(letter)
    rows = [
        ("dead letter", letter.id),
        ("stage", told["stage"]),
        ("reason", told["code"]),
        ("field", told["field"] or "(the whole message)"),
        ("hint", told["hint"]),
        ("all faults", told["faults"]),
        ("came from", told["came_from"]),
        ("came at", told["at"]),
        ("key", told["key"]),
        ("bytes", told["size_bytes"]),
    ]
    original = "(no value: null)" if told["original"] is None else shown(str(told["original"]))
    return [*(f"{name:<12}{value}" for name, value in rows), "", original]


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
