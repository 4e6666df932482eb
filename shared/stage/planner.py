"""Make the plan of a batch: decode, skip, load, decide, encode. It writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from sqlalchemy import Engine

from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing, Record
from shared.contracts.identity import partition_of
from shared.contracts.topics import topic_named
from shared.errors import Fault, Invalid
from shared.stage import books
from shared.stage.batch import Claim, Plan, Planned
from shared.stage.breaker import Health
from shared.stage.deadletter import dead_letter, sealed_letter
from shared.stage.decision import Memory, Rejected
from shared.stage.fold import Fold
from shared.stage.gaps import Stopped
from shared.stage.sealing import KEY_MISSING, sealed_decision
from shared.stage.stage import Stage

P = TypeVar("P")
# A record, its event open, and the event as it came.
Read = tuple[Record, Event[Contract], Event[Contract]]


class Planner(Generic[P]):
    """Plans batches of one stage."""

    def __init__(self, stage: Stage[P], engine: Engine, partitions: int) -> None:
        """`partitions`: how many each keyed topic has."""
        self.stage, self.engine, self.partitions = stage, engine, partitions

    def plan(self, records: Sequence[Record], claims: Mapping[int, Claim]) -> Plan:
        """What this batch will record and emit. Raises `Stopped` when the breaker trips."""
        plan = Plan(list(records), health={p: c.health for p, c in claims.items()})
        fold = Fold(self.stage)
        came = [self._read(record) for record in records]
        events = self._load(self._opened(came), fold)
        for (_, sealed), (record, read) in zip(came, events, strict=True):
            if isinstance(read, Invalid):
                self._bury(plan, record, invalid=read)
            elif read is not None and isinstance(sealed, Event):
                self._decide(plan, (record, read, sealed), fold=fold)
        return plan

    def buried(
        self, records: Sequence[Record], invalid: Invalid, *, claims: Mapping[int, Claim]
    ) -> Plan:
        """The plan that makes a dead letter of each record."""
        plan = Plan(list(records), health={p: c.health for p, c in claims.items()})
        for record in records:
            self._bury(plan, record, invalid=invalid)
        return plan

    def _read(self, record: Record) -> tuple[Record, Event[Contract] | Invalid]:
        try:
            event = self.stage.decode(record)
            self._check_place(record)
        except Invalid as invalid:
            return record, invalid
        return record, event

    def _opened(
        self, read: Sequence[tuple[Record, Event[Contract] | Invalid]]
    ) -> list[tuple[Record, Event[Contract] | Invalid]]:
        """What came in sealed, open for the core; of whom was forgotten it stays as it is."""
        self.stage.vault.know(found for _, found in read if isinstance(found, Event))
        return [(record, self._open(found)) for record, found in read]

    def _open(self, found: Event[Contract] | Invalid) -> Event[Contract] | Invalid:
        try:
            return self.stage.vault.opened(found) if isinstance(found, Event) else found
        except Invalid as invalid:
            return invalid

    def _check_place(self, record: Record) -> None:
        if topic_named(record.topic).key != "complainant":
            return
        right = partition_of(record.key or b"", self.partitions)
        if right != record.partition:
            hint = f"this key belongs in partition {right}: produce with murmur2 and our key"
            raise Invalid(Fault("wrong_partition", "key", hint))

    def _load(
        self, read: Sequence[tuple[Record, Event[Contract] | Invalid]], fold: Fold[P]
    ) -> list[tuple[Record, Event[Contract] | Invalid | None]]:
        """Fill the fold with what the events need; None in place of those decided before."""
        events = [found for _, found in read if isinstance(found, Event)]
        reader = self.engine.execution_options(read_only=True)
        with reader.begin() as connection:
            seen = books.seen_ids(connection, self.engine, ids=[event.id for event in events])
            fresh = [event for event in events if event.id not in seen]
            keys = (event.key for event in fresh)
            fold.memories = self._memories(books.memories_of(connection, self.engine, keys=keys))
            names = (name for event in fresh for name in self.stage.touches(event))
            fold.reserved = books.reserved(connection, self.engine, names=names)
        return [(record, _first_time(found, seen)) for record, found in read]

    def _memories(self, found: dict[str, list[Memory]]) -> dict[str, list[Memory]]:
        return {key: [self._known(key, one) for one in all_] for key, all_ in found.items()}

    def _known(self, key: str, memory: Memory) -> Memory:
        """A memory open; most hold nothing that was sealed."""
        data = self.stage.vault.opened_memory(key, memory.data)
        return memory if data is memory.data else replace(memory, data=data)

    def _decide(self, plan: Plan, read: Read, *, fold: Fold[P]) -> None:
        record, event, as_it_came = read
        answer, decided = fold.decide(event)
        vault = self.stage.vault
        emitted = tuple(vault.sealed(each) for each in decided)
        try:
            outputs = [_fitting(encode(each)) for each in emitted]
        except Invalid as too_large:
            self._bury(plan, record, invalid=too_large)
            return
        for output in outputs:
            plan.emit(record.partition, output)
        if isinstance(answer, Rejected):
            self._kill(plan, record, invalid=Invalid(*answer.faults))
        else:
            fold.remember(event, answer)
            kept = sealed_decision(answer, event, vault=vault, kinds=self.stage.sealed_kinds)
            plan.planned.append(Planned(record.partition, as_it_came, kept, emitted))
        self._judge(plan, record, valid=not isinstance(answer, Rejected))

    def _bury(self, plan: Plan, record: Record, *, invalid: Invalid) -> None:
        self._kill(plan, record, invalid=invalid)
        for event in self.stage.refuses(record, invalid):
            plan.emit(record.partition, encode(event))
        # After a restore the log holds words whose keys are lost; intake sends them again, under
        # the same ids. No bad deploy.
        self._judge(plan, record, valid=invalid.first.code == KEY_MISSING)

    def _kill(self, plan: Plan, record: Record, *, invalid: Invalid) -> None:
        letter = dead_letter(record, invalid, stage=self.stage.name)
        theirs = self.stage.whose(record)
        if theirs is not None:
            self.stage.vault.know([theirs])
            letter = sealed_letter(letter, self.stage.vault, event=theirs)
        plan.emit(record.partition, letter)
        plan.dead += 1

    def _judge(self, plan: Plan, record: Record, *, valid: bool) -> None:
        if topic_named(record.topic).foreign:
            return
        health = plan.health.get(record.partition, Health()).after(valid=valid)
        plan.health[record.partition] = health
        if health.tripped:
            raise Stopped(
                "too_many_invalid",
                f"{health.in_a_row} invalid records in a row, {health.invalid} of the last "
                f"{health.seen}: a bad deploy upstream or here; mend it, then start again",
                f"{record.topic}-{record.partition}",
            )


def _first_time(
    found: Event[Contract] | Invalid, seen: set[str]
) -> Event[Contract] | Invalid | None:
    """None for an event decided before, in the ledger or earlier in this batch."""
    if isinstance(found, Invalid):
        return found
    if found.id in seen:
        return None
    seen.add(found.id)
    return found


def _fitting(output: Outgoing) -> Outgoing:
    """The output, if its topic takes it. The dead letter is the input, which still fits."""
    headers_bytes = sum(len(name) + len(value) for name, value in output.headers)
    size_bytes = len(output.value) + len(output.key or b"") + headers_bytes
    most = topic_named(output.topic).record_bytes_max
    if size_bytes > most:
        hint = f"{size_bytes} bytes after enrichment; {most} is the most"
        raise Invalid(Fault("too_large", "", hint))
    return output
