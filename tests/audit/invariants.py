"""What must hold after every case, over everything that was sent since the rig was started.

AUDIT.md's I1 (one end each), I2 (one effect, the exact amount), I3 (the books agree), I4 (one
mail), I5 (nothing without a cause), I8 (by itself, in time: `done`), I9 (nothing personal, no
traceback in a log). I6 is asked of the bad inputs; I7 and I10 stand in `inside.py`.
"""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from services.cli.demo.run import Counted, count
from services.cli.demo.script import Script
from services.cli.demo.tally import ENDS, Stand
from shared.contracts.notifications import NotificationFailed
from shared.contracts.receipts import ComplaintAccepted, ComplaintRejected
from shared.contracts.registered import ComplaintRegistered, ComplaintReplied
from tests.audit.inside import refunds_of
from tests.audit.rig import Rig
from tests.audit.traffic import Traffic

QUIET_S, LOOK_S = 2.0, 0.5
OPEN = ("pending", "in_flight", "unknown")
# What came of a refund that the provider made: it is settled, or with a person.
ENDED_WELL = ("posted", "manual")
# What intake makes of a message has no event of ours as its cause.
FIRST = (ComplaintRegistered, ComplaintAccepted, ComplaintRejected)


async def done(
    rig: Rig, load: Traffic, *, patience_s: float, quiet_s: float = QUIET_S
) -> tuple[float, Counted, list[str]]:
    """Wait until all has come to its end: in how many seconds, what was then, whether it did (I8).

    `quiet_s`: nothing more comes for so long. After a soak what waits for a timer goes on coming.
    """
    began_s = time.monotonic()
    while time.monotonic() - began_s < patience_s:
        if load.feed.quiet_s > quiet_s:
            counts = await asyncio.to_thread(counted, rig, load)
            if _settled(rig, load, counts=counts):
                return max(0.0, time.monotonic() - began_s - quiet_s), counts, []
        await asyncio.sleep(LOOK_S)
    return patience_s, counted(rig, load), [f"I8: not all at its end after {patience_s:g} s"]


def _settled(rig: Rig, load: Traffic, *, counts: Counted) -> bool:
    ended = counts.tally.balances and not counts.lost and not _undone(load, counts)
    return ended and not any(state in OPEN for state, _ in refunds_of(rig).values())


def _undone(load: Traffic, counts: Counted) -> list[Stand]:
    """On their way, or nobody told them; what could not be said is for a person (I4)."""
    by_people = {
        event.data.complaint_id
        for event in load.feed.events
        if isinstance(event.data, NotificationFailed)
    }
    return [
        each
        for each in counts.tally.undone
        if each.end not in ENDS or each.complaint_id not in by_people
    ]


def counted(rig: Rig, load: Traffic) -> Counted:
    """From the topics and the ledgers."""
    return count(load.feed, rig.settings, refused=0, seconds=0.0)


def breaches(
    rig: Rig, load: Traffic, *, counts: Counted, sent: int, scripts: Iterable[Script]
) -> list[str]:
    """What does not hold, in words; empty when all does."""
    return [
        *_ends(load, counts, sent=sent),
        *_promises(load, counts),
        *_money(rig, counts),
        *_mails(rig, counts),
        *_ghosts(load),
        *_logs(rig, scripts),
    ]


def _ends(load: Traffic, counts: Counted, *, sent: int) -> Iterator[str]:
    if counts.submitted < sent:
        yield f"I1: {sent} sent, {counts.submitted} on the topic"
    if counts.lost:
        yield f"I1: {counts.lost} lost"
    for each in _undone(load, counts)[:3]:
        yield f"I1: {each.complaint_id} is {each.end}, heard: {each.heard} {each.why}"


def _promises(load: Traffic, counts: Counted) -> Iterator[str]:
    """Whatever the door said yes to is a complaint or a reply, at an end of its own."""
    replied = {
        event.data.complaint_id
        for event in load.feed.events
        if isinstance(event.data, ComplaintReplied)
    }
    for complaint_id in sorted(load.promised - replied):
        stand = counts.tally.stands.get(complaint_id)
        if stand is None or stand.end not in ENDS:
            yield f"I1: {complaint_id} was promised and is {stand.end if stand else 'nowhere'}"


def _money(rig: Rig, counts: Counted) -> Iterator[str]:
    if counts.double_effects:
        yield f"I2: {counts.double_effects} effects twice"
    made = Counter(_gesture(each) for each in rig.bank.refunds)
    yield from (f"I2: {key} refunded {times} times" for key, times in made.items() if times > 1)
    known = refunds_of(rig)
    for each in rig.bank.refunds:
        state, amount_minor = known.get(_gesture(each), ("unknown to us", 0))
        if state not in ENDED_WELL:
            yield f"I3: {_gesture(each)} was paid by the provider and is {state} with us"
        # Another amount than asked for is for a person, never settled.
        if each["amount"] != amount_minor and state != "manual":
            yield f"I2: {_gesture(each)}: {each['amount']} at the provider, ours {amount_minor}"
    for key, (state, _) in known.items():
        if state == "posted" and key not in made:
            yield f"I3: {key} is settled with us and unknown to the provider"
    yield from (f"I3: {why}" for why in counts.books.why)


def _gesture(refund: dict[str, object]) -> str:
    told = refund["metadata"]
    return str(told["gesture_id"]) if isinstance(told, dict) else ""


def _mails(rig: Rig, counts: Counted) -> Iterator[str]:
    if counts.tally.sent_twice:
        yield f"I4: {counts.tally.sent_twice} messages said to be sent twice"
    taken = Counter((each.to, each.message_id) for each in rig.relay.taken)
    yield from (f"I4: {id_} taken {times} times" for (_, id_), times in taken.items() if times > 1)


def _ghosts(load: Traffic) -> Iterator[str]:
    events = list(load.feed.events)  # more may come meanwhile
    known = {None, *(event.id for event in events)}
    for event in events:
        if not isinstance(event.data, FIRST) and event.causation_id not in known:
            yield f"I5: {event.type} {event.id} has no cause"


def _logs(rig: Rig, scripts: Iterable[Script]) -> Iterator[str]:
    people = [told.submitted["complainant"] for script in scripts for told in script.told]
    words = {word for who in people for word in _canaries(who)}
    if not words:
        return
    addresses = {word for word in words if "@" in word}
    anybody, written_to = _any_of(words - addresses), _any_of(addresses)
    for path in sorted((rig.state_dir / "logs").glob("*.log")):
        text = path.read_text(errors="replace")
        if "Traceback" in text:
            yield f"I9: a traceback in {path.name}"
        # A soak's thousands of addresses, tried at each place of its logs, would take hours.
        with_sign = "\n".join(line for line in text.splitlines() if "@" in line)
        if found := anybody.search(text) or written_to.search(with_sign):
            yield f"I9: {found.group()} in {path.name}"


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One of these words, wherever it stands; of none, nothing."""
    return re.compile("|".join(map(re.escape, sorted(words))) or "(?!)")


def _canaries(who: object) -> list[str]:
    told = who if isinstance(who, dict) else {}
    return [str(told[name]) for name in ("name", "email", "phone") if told.get(name)]
