"""The conformance suite on a real broker: workers are processes, kill -9 is SIGKILL."""

import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from shared.embedded import start_broker
from shared.embedded.probe import free_port
from shared.stage.watchdog import EXIT_STALLED
from tests.stage import conformance
from tests.stage.conformance import MUTANTS
from tests.stage.rig import (
    STEPS,
    Trouble,
    check_all_right,
    check_answers,
    decided_ids,
    held,
    replies,
    unsent,
)
from tests.stage.rig_kafka import KafkaRig
from tests.stage.workers import came, up

HOUR_S = 3600.0


@pytest.fixture
async def rig(broker: str, tmp_path: Path) -> AsyncIterator[KafkaRig]:
    """A rig on the ring's broker."""
    async with KafkaRig.fresh(broker, tmp_path) as made:
        yield made


@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_is_killed_and_the_next_goes_on(rig: KafkaRig, step: str) -> None:
    """Kill -9 between two steps would lose, repeat or reorder decisions."""
    await conformance.check_dies_and_goes_on(rig, Trouble(step))


async def test_an_exception_between_the_steps_ends_the_process(rig: KafkaRig) -> None:
    """A worker that went on after an error of its own would ack what it did not do."""
    await conformance.check_dies_and_goes_on(rig, Trouble("recorded", how="raise"))


async def test_several_inputs_have_one_writer(rig: KafkaRig) -> None:
    """Topics of one person would be decided on different histories."""
    await conformance.check_several_inputs(rig)


async def test_poison_becomes_dead_letters(rig: KafkaRig) -> None:
    """One bad record would stop the rest, or vanish."""
    await conformance.check_poison(rig)


async def test_a_bug_costs_one_record(rig: KafkaRig) -> None:
    """A record that kills the worker would kill it for ever, or take its batch along."""
    await conformance.check_bug(rig)


async def test_the_breaker_stops_a_bad_deploy(rig: KafkaRig) -> None:
    """A bad deploy upstream would drain our own topic into the dead letters."""
    await conformance.check_breaker(rig)


async def test_a_topic_made_anew_stops_the_stage(rig: KafkaRig) -> None:
    """The new topic's first records would be skipped as done; /ready must say why it stands."""
    await conformance.check_made_anew(rig)


async def test_a_longer_topic_made_anew_stops_the_stage(rig: KafkaRig) -> None:
    """The offset exists again, so only the record's bytes show that it is another topic."""
    await conformance.check_made_anew_and_longer(rig)


async def test_records_gone_unread_stop_the_stage(rig: KafkaRig) -> None:
    """Complaints would be lost without a word."""
    await conformance.check_records_gone(rig)


async def test_a_restored_ledger_holds_the_outside_world(rig: KafkaRig) -> None:
    """A restore would pay again what was paid after the backup."""
    await conformance.check_restored(rig)


async def test_an_upstream_with_transactions(rig: KafkaRig) -> None:
    """What an upstream took back would be decided, or its markers would stop the stage."""
    kept, taken_back = replies(30), replies(30, first=100)
    async with rig.producer(f"upstream-{uuid4().hex}") as producer:
        for number in range(0, 30, 10):
            async with producer.transaction():
                for each in kept[number : number + 10]:
                    await rig.put(producer, each.record)
            await producer.begin_transaction()
            for each in taken_back[number : number + 10]:
                await rig.put(producer, each.record)
            await producer.flush()
            await producer.abort_transaction()
    worker = rig.start(rig.orders)
    await came("the last decision", lambda: len(decided_ids(rig.engine)) >= len(kept))
    await came("cleared outputs", lambda: not unsent(rig.engine))
    assert await rig.ended(worker) == 0
    later = replies(10, first=200)
    await rig.produce(s.record for s in later)
    worker = rig.start(rig.orders)
    whole = len(kept) + len(later)
    await came("the decisions of a second start", lambda: len(decided_ids(rig.engine)) >= whole)
    await came("cleared outputs", lambda: not unsent(rig.engine))
    assert await rig.ended(worker) == 0
    assert {s.event.id for s in (*kept, *later)} == set(decided_ids(rig.engine))
    check_answers(await rig.answers(), [*kept, *later])
    assert held(rig.engine) == []


async def test_sigterm_in_the_middle_of_a_batch(rig: KafkaRig) -> None:
    """An ordinary stop would leave half a batch to be decided again, or not end at all."""
    said = replies(40)
    await rig.produce(s.record for s in said)
    worker = rig.start(replace(rig.orders, step="decided", how="pause"))
    await came("the middle of a batch", lambda: worker.told)
    assert await rig.ended(worker) == 0
    before = decided_ids(rig.engine)
    answers = await rig.answers()
    assert len(before) == len(answers) > 0, "the batch in hand was not finished"
    assert await rig.work() == 0
    await check_all_right(rig, said)
    assert len(said) == len(await rig.answers()), "decided or sent again"


async def test_what_is_fetched_before_the_claim_is_not_taken(rig: KafkaRig) -> None:
    """Faust reads on from the group's own offsets before we seek: those records are done."""
    orders = replace(rig.orders, claim_s=3.0, commit_s=HOUR_S)
    heir, dead = (rig.start(replace(orders, instance=name)) for name in "ab")
    await came("two workers", lambda: up(heir) and up(dead))
    said = replies(60, people=20)
    await rig.produce(s.record for s in said)
    await rig.until_done(heir)
    dead.signal(signal.SIGKILL)
    later = replies(60, people=20, first=100)
    await rig.produce(s.record for s in later)
    await rig.until_done(heir)
    assert await rig.ended(heir) == 0
    await check_all_right(rig, [*said, *later])


async def test_a_worker_that_hangs_is_ended(rig: KafkaRig) -> None:
    """A blocked event loop would hold its partitions for ever."""
    said = replies(10)
    await rig.produce(s.record for s in said)
    orders = replace(rig.orders, step="decided", how="hang", stall_patience_s=1.0)
    worker = rig.start(orders)
    await came("the watchdog", lambda: worker.code is not None)
    assert worker.code == EXIT_STALLED
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_a_worker_that_reads_no_more_is_ended(rig: KafkaRig) -> None:
    """A consumer that silently stopped fetching would look idle for ever."""
    said = replies(20)
    await rig.produce(s.record for s in said[:10])
    orders = replace(rig.orders, step="acked", how="deaf", stall_patience_s=2.0)
    worker = rig.start(orders)
    await came("its deafness", lambda: worker.told)
    await rig.produce(s.record for s in said[10:])
    await came("the watchdog", lambda: worker.code is not None)
    assert worker.code == EXIT_STALLED
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def test_a_broker_that_is_not_there_yet(broker: str, tmp_path: Path) -> None:
    """A stage started before its broker would end, or never find it."""
    port = free_port()
    with start_broker(tmp_path / "kafka", port=port) as first:
        async with KafkaRig.fresh(first.bootstrap, tmp_path) as rig:
            said = replies(10)
            await rig.produce(s.record for s in said)
            first.stop()
            worker = rig.start(rig.orders)
            log = tmp_path / "worker-0.log"
            await came("its waiting", lambda: "waiting_for_broker" in log.read_text())
            with start_broker(tmp_path / "kafka", port=port):
                await rig.until_done(worker)
                assert await rig.ended(worker) == 0
                await check_all_right(rig, said)


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
async def test_a_mutant_is_caught(rig: KafkaRig, mutant: str) -> None:
    """The suite could not fail: each of these breaks one promise of the runner."""
    await conformance.check_mutant_is_caught(rig, mutant)
