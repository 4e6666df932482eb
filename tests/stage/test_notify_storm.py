"""Heard first, told truly, never twice, on the real stage: two workers, a restart, a bad relay."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from services.notify.app import build
from services.notify.senders.smtp import Smtp
from services.notify.senders.ways import Ways
from shared.contracts.codec import decode, encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.notifications import (
    Notice,
    NotificationFailed,
    NotificationRequested,
    NotificationSent,
    NotificationSuppressed,
)
from shared.contracts.recoveries import RecoveryApproved, RecoveryProposed
from shared.contracts.topics import NOTIFICATIONS, topic_of
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.ledger.tables import effects
from shared.settings import Settings
from shared.stage.dispatcher import Dispatcher
from shared.stage.memory import MemoryLog, MemoryWorker
from shared.stage.runner import Runner
from tests.notify_story import recovery, registered, triaged
from tests.stage.smtp_faults import Fault, Faults, faulty

PARTITIONS = 4
TIMEOUT_S = 3.0  # the tarpit is longer
PAUSE_S = 1
# What befalls the mailbox of each complaint, by its number; most are well.
SCRIPTS: Sequence[tuple[Fault, ...]] = (
    (), (), ("later",), (), ("never",), (), ("dropped", "later"), (), ("lost",), (),
    (), ("silent",), (), ("late_later",), (), (), ("tarpit",), (), (), (),
)  # fmt: skip
MOODS = ("calm", "upset", "furious")
SEVERITIES = ("low", "medium", "high")
ONCE_MORE = 20  # every twentieth is sent twice: 5 %


def address(number: int) -> str:
    """Whose complaint it is."""
    return f"n{number}@example.com"


def told(number: int) -> list[Contract]:
    """A complaint, its reading, and a refund by a rule."""
    mine: dict[str, object] = {"complaint_id": f"c{number:05}", "case_id": f"case-{number}"}
    paid: dict[str, object] = {**mine, "recovery_id": f"r{number}"}
    who = registered(email=address(number), complaint_id=mine["complaint_id"], channel="email")
    mood, severity = MOODS[number % 3], SEVERITIES[number % 7 % 3]
    return [
        who,
        triaged(**mine, arousal=mood, severity=severity),
        RecoveryProposed.model_validate({**recovery(RecoveryProposed).model_dump(), **paid}),
        RecoveryApproved.model_validate({**recovery(RecoveryApproved, 2).model_dump(), **paid}),
    ]


def records(number: int) -> list[Outgoing]:
    """The same as they lie on their topics; the decision may be read before the complaint."""
    made = datetime.now(UTC)
    found = [
        encode(
            Event(f"{type(data).__name__}-{number}", "test", f"key-{number}", made, data,
                  topic=topic_of(type(data)).name)
        )
        for data in told(number)
    ]  # fmt: skip
    return found[::-1] if number % 2 else found


@dataclass
class Installation:
    """One ledger, one log, and workers that come and go."""

    folder: Path
    url: str
    log: MemoryLog
    engine: Engine
    generation: int = 0

    def worker(self, partitions: Sequence[int]) -> tuple[MemoryWorker, Dispatcher]:
        """A process: the stage as it is built, with its dispatcher."""
        settings = Settings(state_dir=self.folder, partitions=PARTITIONS, smtp_url=self.url)
        stage = build(settings)
        rules = stage.policy.rules
        waits = rules.waits.model_copy(update={"pause_s": PAUSE_S, "decision_s": 1})
        policy = stage.policy.model_copy(
            update={"rules": rules.model_copy(update={"waits": waits})}
        )
        mail = Smtp(self.url, mail_from=settings.mail_from, timeout_s=TIMEOUT_S)
        ways = Ways({"mail": mail}, second_way_s=60, give_up_s=600)
        stage = replace(stage, policy=policy, performers={**stage.performers, "mail": ways})
        runner = Runner(stage, self.engine, sink=self.log, partitions=PARTITIONS)
        worker = MemoryWorker(self.log, runner, partitions)
        return worker, Dispatcher(stage, self.engine, self.log, lambda: runner.claims)

    async def join(self, worker: MemoryWorker) -> None:
        """An assignment."""
        self.generation += 1
        await worker.join(self.generation)

    def hurry(self) -> None:
        """Waits between attempts are over; timers keep their time."""
        waiting = (effects.c.kind != "timer") & (effects.c.lease.is_(None))
        with self.engine.begin() as connection:
            connection.execute(update(effects).where(waiting).values(next_at=0.0))

    def open(self) -> int:
        """How many effects are neither done nor given to a person."""
        done = ("posted", "failed", "voided", "manual")
        with self.engine.begin() as connection:
            return len(
                connection.execute(select(effects.c.key).where(effects.c.state.not_in(done))).all()
            )


@asynccontextmanager
async def installed(folder: Path, faults: Faults) -> AsyncIterator[Installation]:
    """An empty one, with a relay."""
    settings = Settings(state_dir=folder, partitions=PARTITIONS)
    engine = open_engine(settings, "notify")
    migrate(engine, "notify")
    with faulty(faults) as url:
        yield Installation(folder, url, MemoryLog(PARTITIONS), engine)
    engine.dispose()


async def storm(installation: Installation, complaints: int) -> None:
    """Complaints come in two waves; between them one worker is gone and the other has it all."""
    log, half = installation.log, PARTITIONS // 2
    one, of_one = installation.worker(range(half))
    other, of_other = installation.worker(range(half, PARTITIONS))
    for wave in (range(complaints // 2), range(complaints // 2, complaints)):
        for number in wave:
            await log.send(records(number))
            if number % ONCE_MORE == 0:
                await log.send(records(number))
        await installation.join(one)
        await installation.join(other)
        await one.drain(50)
        await other.drain(50)
        await of_one.round()
        await of_other.round()
        # It dies here: what it took and did not do lies in the ledger alone.
        one, of_one = installation.worker(range(half))
    everything, dispatcher = installation.worker(range(PARTITIONS))
    await installation.join(everything)
    await everything.drain()
    while installation.open():
        installation.hurry()
        await dispatcher.round()
        await everything.drain()


def notices(log: MemoryLog, kind: type[Notice]) -> list[Notice]:
    """The events of one type about messages to complainants, copies left out."""
    events = {event.id: event.data for event in map(decode, log.all(NOTIFICATIONS.name))}
    found = [data for data in events.values() if isinstance(data, kind)]
    return [data for data in found if data.audience == "complainant"]


def suppressed(log: MemoryLog) -> list[NotificationSuppressed]:
    """What was not said, on purpose."""
    found = [decode(record).data for record in log.all(NOTIFICATIONS.name)]
    return [data for data in found if isinstance(data, NotificationSuppressed)]


def check(log: MemoryLog, faults: Faults, *, complaints: int) -> Counter[str]:
    """All that must hold, whatever the relay did; gives the counts to print."""
    requested = notices(log, NotificationRequested)
    sent = {notice.notice_id for notice in notices(log, NotificationSent)}
    failures = [n for n in notices(log, NotificationFailed) if isinstance(n, NotificationFailed)]
    unknown = {notice.notice_id for notice in failures if notice.state == "unknown"}
    failed = {notice.notice_id for notice in failures if notice.state == "failed"}
    arrived = Counter(taken.message_id.strip("<").partition(".")[0] for taken in faults.taken)
    assert [each for each, times in arrived.items() if times > 1] == [], "sent twice"
    assert arrived.keys() == sent | (unknown & arrived.keys()), "sent without a word, or a lie"
    assert sent & (unknown | failed) == set(), "told two ways"
    assert sent | unknown | failed == {n.notice_id for n in requested}, "lost on the way"
    heard = Counter(n.complaint_id for n in requested if "acknowledgement" in n.counts_as)
    decided = Counter(n.complaint_id for n in requested if "decision" in n.counts_as)
    everyone = {f"c{number:05}": 1 for number in range(complaints)}
    # Whose mailbox is gone is not written to again: a colleague was told.
    let_be = {n.complaint_id: 1 for n in suppressed(log)}
    assert set(let_be) <= {n.complaint_id for n in failures if n.state == "failed"}
    assert (heard, {**decided, **let_be}) == (everyone, everyone), "missing or twice"
    return Counter(
        sent=len(sent), unknown=len(unknown), failed=len(failed),
        unknown_that_arrived=len(unknown & arrived.keys()),
    )  # fmt: skip


def check_order(log: MemoryLog, faults: Faults) -> int:
    """Heard first, and decided no sooner than the pause allows: by the relay's own journal."""
    notice = {n.notice_id: n for n in notices(log, NotificationRequested)}
    at_s = {taken.message_id.strip("<").partition(".")[0]: taken.at_s for taken in faults.taken}
    waited = 0
    by_complaint: dict[str, dict[str, float]] = {}
    for notice_id, when_s in at_s.items():
        said = notice[notice_id]
        if said.counts_as in (("acknowledgement",), ("decision",)):
            by_complaint.setdefault(said.complaint_id, {})[said.counts_as[0]] = when_s
    for complaint_id, times in by_complaint.items():
        if len(times) == len(("acknowledgement", "decision")):
            pause_s = PAUSE_S if MOODS[int(complaint_id[1:]) % 3] != "calm" else 0
            assert times["decision"] - times["acknowledgement"] >= pause_s, complaint_id
            waited += 1
    return waited


async def stormed(folder: Path, complaints: int) -> Counter[str]:
    """A storm, and all that must hold after it."""
    script = {address(n): SCRIPTS[n % len(SCRIPTS)] for n in range(complaints)}
    faults = Faults({who: ("never",) * 99 if "never" in f else f for who, f in script.items()})
    async with installed(folder, faults) as installation:
        await storm(installation, complaints)
        counts = check(installation.log, faults, complaints=complaints)
        counts["in_order"] = check_order(installation.log, faults)
    return counts


async def test_a_bad_relay_gives_no_duplicate_and_no_gap(tmp_path: Path) -> None:
    """A relay that refuses, hangs up or sleeps would cost a message, or give it twice."""
    counts = await stormed(tmp_path, 200)
    assert min(counts[name] for name in ("sent", "unknown", "failed", "in_order")) > 0


@pytest.mark.long
async def test_ten_thousand_complaints_through_a_bad_relay(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    """What is rare would never be met by two hundred."""
    counts = await stormed(tmp_path, 10_000)
    figure(f"10,000 complaints through a bad relay, none missing, none twice: {dict(counts)}")
    assert counts["sent"] + counts["unknown"] + counts["failed"] > 10_000
