"""What is asked of an installation from within: ledgers, committed offsets, processes.

I7: Kafka is never told more than the ledger has; nobody waits for a person because it was.
I10: processes end as they should, and neither memory nor open files grow without end.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, mean
from time import monotonic

import orjson
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import Executable, select

from services.cli.installation.parts import STAGES
from shared.ledger.engine import open_engine
from shared.ledger.tables import checkpoints, effects, holds
from tests.audit.rig import Rig

Place = tuple[str, str, int]  # stage, topic, partition
PAGE_BYTES = 4096
SAMPLE_S = 2.0
# Less than a quarter of an hour tells nothing of a slope.
SEEN_MIN = 4
SLOPE_FROM_S, MB_A_MINUTE_MAX, MORE_FILES_MAX = 900.0, 1.0, 10.0
WORDS = " ended ("


@dataclass(frozen=True)
class Kept:
    """A checkpoint. `offsets`: by topic, the first record that is not done.

    `unsent`: what was last decided may not be on its topics yet.
    """

    owner: str
    offsets: Mapping[str, int]
    unsent: bool


def rows(rig: Rig, stage: str, *, statement: Executable) -> list[tuple[object, ...]]:
    """What a stage's ledger answers."""
    engine = open_engine(rig.settings, stage)
    try:
        with engine.execution_options(read_only=True).begin() as connection:
            return [tuple(row) for row in connection.execute(statement).all()]
    finally:
        engine.dispose()


def refunds_of(rig: Rig) -> dict[str, tuple[str, int]]:
    """By key, the state and the amount of every refund by the provider that we know of."""
    wanted = select(effects.c.key, effects.c.state, effects.c.payload)
    found = rows(rig, "recovery", statement=wanted.where(effects.c.kind == "stripe"))
    return {str(key): (str(state), _amount(str(payload))) for key, state, payload in found}


def _amount(payload: str) -> int:
    return int(orjson.loads(payload)["amount_minor"])


async def committed(rig: Rig) -> dict[Place, int]:
    """How far Kafka was told that each stage is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.settings.bootstrap)
    await admin.start()
    try:
        told: dict[Place, int] = {}
        for stage in STAGES:
            for tp, at in (await admin.list_consumer_group_offsets(f"kulanse-{stage}")).items():
                told[stage, tp.topic, tp.partition] = at.offset
        return told
    finally:
        await admin.close()


def done(rig: Rig) -> dict[Place, int]:
    """How far each stage is, by its ledger."""
    return {
        (stage, topic, partition): at
        for stage in STAGES
        for partition, kept in checkpoints_of(rig, stage).items()
        for topic, at in kept.offsets.items()
    }


def checkpoints_of(rig: Rig, stage: str) -> dict[int, Kept]:
    """By partition, whose it is and how far it is."""
    table = checkpoints.c
    wanted = select(table.partition, table.owner, table.offsets, table.outputs.is_not(None))
    return {
        int(str(partition)): Kept(str(owner), orjson.loads(str(offsets)), bool(unsent))
        for partition, owner, offsets, unsent in rows(rig, stage, statement=wanted)
    }


def unsent(rig: Rig) -> dict[tuple[str, int], Kept]:
    """By stage and partition, whose last outputs may not be on their topics yet."""
    return {
        (stage, partition): kept
        for stage in STAGES
        for partition, kept in checkpoints_of(rig, stage).items()
        if kept.unsent
    }


async def ahead(rig: Rig) -> list[str]:
    """I7: what was told too early, and who waits for a person because of it."""
    told = await committed(rig)  # first: what is done only grows
    known = await asyncio.to_thread(done, rig)
    wrong = [
        f"I7: {place}: told {at}, done {known.get(place, 0)}"
        for place, at in told.items()
        if at > known.get(place, 0)
    ]
    for stage in STAGES:
        held = await asyncio.to_thread(rows, rig, stage, statement=select(holds.c.why))
        wrong += [f"I7: {stage} is held: {why}" for (why,) in held]
    return wrong


def endings(said: list[str], codes: frozenset[int]) -> Iterator[str]:
    """I10: whoever ended otherwise than its fault explains."""
    for words in said:
        if WORDS in words and int(words.partition(WORDS)[2].partition(")")[0]) not in codes:
            yield f"I10: {words}"


@dataclass
class Samples:
    """Memory (bytes) and open files of every process, every other second."""

    rig: Rig
    taken: dict[tuple[str, int], list[tuple[float, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    async def take(self) -> None:
        """For ever."""
        while True:
            for name, pid in self.rig.supervisor.pids.items():
                if (seen := _seen(pid)) is not None:
                    self.taken[name, pid].append((monotonic(), *seen))
            await asyncio.sleep(SAMPLE_S)

    def grows(self, *, must: bool) -> Iterator[str]:
        """I10, of those that ran long enough; the first third is warming up.

        `must`: so many processes are to be seen that it means something.
        """
        seen = 0
        for (name, _), samples in self.taken.items():
            later = samples[len(samples) // 3 :]
            if not later or later[-1][0] - later[0][0] < SLOPE_FROM_S:
                continue
            seen += 1
            minutes = [at_s / 60 for at_s, _, _ in later]
            slope = linear_regression(minutes, [size / 1e6 for _, size, _ in later]).slope
            if slope > MB_A_MINUTE_MAX:
                yield f"I10: {name} grows by {slope:.2f} MB a minute"
            half = len(later) // 2
            more = mean(n for _, _, n in later[half:]) - mean(n for _, _, n in later[:half])
            if more > MORE_FILES_MAX:
                yield f"I10: {name} has {more:.0f} files more open"
        if must and seen < SEEN_MIN:
            yield f"I10: only {seen} processes ran long enough to be judged"


def _seen(pid: int) -> tuple[int, int] | None:
    """Resident bytes and open files (proc(5)); None when it is gone."""
    folder = Path(f"/proc/{pid}")
    try:
        pages = int((folder / "statm").read_text(encoding="ascii").split()[1])
        return pages * PAGE_BYTES, len(list((folder / "fd").iterdir()))
    except (OSError, IndexError):
        return None
