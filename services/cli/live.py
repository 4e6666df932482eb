"""The live view of `kulanse up`: per stage how far it is, and what waits for whom."""

import asyncio
import sys
import time
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from rich.console import Console
from rich.live import Live
from rich.table import Table
from sqlalchemy import func, select

from services.cli.installation.installation import Installation
from services.cli.installation.parts import STAGES
from services.desk.ledger import cases, waiting
from shared.broker_access import access
from shared.contracts.topics import DEAD_LETTERS
from shared.ledger.engine import open_engine
from shared.settings import Settings

LOOK_S = 1.0


@dataclass(slots=True)
class Seen:
    """What the view shows. `behind` and `since_s` by stage: records to do, since when."""

    done: dict[str, int] = field(default_factory=dict)
    behind: dict[str, int] = field(default_factory=dict)
    since_s: dict[str, float] = field(default_factory=dict)
    dead: int = 0
    with_people: int = 0
    unsigned: int = 0

    def line(self) -> str:
        """One line, for a pipe."""
        stages = ", ".join(
            f"{name} {self.done.get(name, 0)} done {self.behind.get(name, 0)} behind"
            for name in STAGES
        )
        return (
            f"{stages}; {self.dead} dead letters; {self.with_people} cases wait for people, "
            f"{self.unsigned} for a signature"
        )

    def table(self) -> Table:
        """For a terminal."""
        table = Table(box=None, pad_edge=False)
        for column in ("stage", "done", "behind", "for"):
            table.add_column(column, justify="left" if column == "stage" else "right")
        for name in STAGES:
            age = f"{time.monotonic() - self.since_s[name]:.0f} s" if name in self.since_s else ""
            table.add_row(name, str(self.done.get(name, 0)), str(self.behind.get(name, 0)), age)
        table.add_section()
        table.add_row("dead letters", str(self.dead), "", "")
        table.add_row("cases that wait for people", str(self.with_people), "", "")
        table.add_row("signatures wanted", str(self.unsigned), "", "")
        return table


async def watch_live(place: Installation) -> None:
    """Show until cancelled: a table on a terminal, a line when something changed in a pipe."""
    look = Looker(place.settings)
    await look.start()
    try:
        if sys.stderr.isatty():
            with Live(look.seen.table(), console=Console(stderr=True), transient=True) as live:
                while True:
                    await look.once()
                    live.update(look.seen.table())
                    await asyncio.sleep(LOOK_S)
        await _lines(look)
    finally:
        await look.stop()


async def _lines(look: "Looker") -> None:
    told = ""
    while True:
        await look.once()
        if look.seen.line() != told:
            told = look.seen.line()
            sys.stderr.write(told + "\n")
            sys.stderr.flush()
        await asyncio.sleep(LOOK_S)


class Looker:
    """Asks the broker for offsets and the desk's ledger for what waits."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is asked yet."""
        self.seen = Seen()
        self._admin = AIOKafkaAdminClient(**access(settings))
        self._consumer = AIOKafkaConsumer(**access(settings))
        self._desk = open_engine(settings, "desk")
        self._dead = [
            TopicPartition(DEAD_LETTERS.name, partition)
            for partition in range(DEAD_LETTERS.partitions or settings.partitions)
        ]

    async def start(self) -> None:
        """Connect."""
        await self._admin.start()
        await self._consumer.start()

    async def stop(self) -> None:
        """Leave."""
        await self._admin.close()
        await self._consumer.stop()
        self._desk.dispose()

    async def once(self) -> None:
        """One look; a broker that does not answer just now changes nothing."""
        try:
            for name in STAGES:
                await self._stage(name)
            ends = await self._consumer.end_offsets(self._dead)
            self.seen.dead = sum(ends.values())
        except KafkaError:
            return
        await asyncio.to_thread(self._people)

    async def _stage(self, name: str) -> None:
        committed = await self._admin.list_consumer_group_offsets(f"kulanse-{name}")
        at = {place: meta.offset for place, meta in committed.items() if meta.offset >= 0}
        ends = await self._consumer.end_offsets(list(at)) if at else {}
        behind = sum(max(0, end - at[place]) for place, end in ends.items())
        self.seen.done[name], self.seen.behind[name] = sum(at.values()), behind
        if behind:
            self.seen.since_s.setdefault(name, time.monotonic())
        else:
            self.seen.since_s.pop(name, None)

    def _people(self) -> None:
        with self._desk.execution_options(read_only=True).begin() as connection:
            self.seen.with_people = connection.execute(
                select(func.count()).select_from(cases).where(cases.c.needs_person == 1)
            ).scalar_one()
            self.seen.unsigned = connection.execute(
                select(func.count())
                .select_from(waiting)
                .where((waiting.c.kind == "approval") & (waiting.c.waits == 1))
            ).scalar_one()
