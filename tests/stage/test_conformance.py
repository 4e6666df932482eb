"""The conformance suite in memory, on both kinds of ledger, and the mutants it must catch."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.stage import conformance
from tests.stage.conformance import MUTANTS
from tests.stage.ledgers import ledger, postgres
from tests.stage.rig import STEPS, Trouble
from tests.stage.rig_memory import MemoryRig

__all__ = ["ledger", "postgres"]


@pytest.fixture
def rig(ledger: Engine, tmp_path: Path) -> MemoryRig:
    """A rig in memory."""
    return MemoryRig(ledger, tmp_path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("how", ["kill", "raise"])
async def test_a_worker_dies_and_the_next_goes_on(rig: MemoryRig, step: str, how: str) -> None:
    """A crash between two steps would lose, repeat or reorder decisions."""
    await conformance.check_dies_and_goes_on(rig, Trouble(step, 1, how))


@pytest.mark.parametrize("nth", [1, 3])
async def test_outputs_sent_twice_are_the_same_bytes(rig: MemoryRig, nth: int) -> None:
    """A reader could not tell a copy from a second decision."""
    await conformance.check_copies_alike(rig, Trouble("emitted", nth))


async def test_a_mutant_that_draws_as_it_sends_is_caught(rig: MemoryRig) -> None:
    """The test above could not fail."""
    with pytest.raises(AssertionError, match="not the same bytes"):
        await conformance.check_copies_alike(rig, Trouble("emitted"), mutant="draws")


async def test_several_inputs_have_one_writer(rig: MemoryRig) -> None:
    """Topics of one person would be decided on different histories."""
    await conformance.check_several_inputs(rig)


async def test_poison_becomes_dead_letters(rig: MemoryRig) -> None:
    """One bad record would stop the rest, or vanish."""
    await conformance.check_poison(rig)


async def test_a_bug_costs_one_record(rig: MemoryRig) -> None:
    """A record that kills the worker would kill it for ever, or take its batch along."""
    await conformance.check_bug(rig)


async def test_the_breaker_stops_a_bad_deploy(rig: MemoryRig) -> None:
    """A bad deploy upstream would drain our own topic into the dead letters."""
    await conformance.check_breaker(rig)


async def test_a_topic_made_anew_stops_the_stage(rig: MemoryRig) -> None:
    """The new topic's first records would be skipped as done."""
    await conformance.check_made_anew(rig)


async def test_a_longer_topic_made_anew_stops_the_stage(rig: MemoryRig) -> None:
    """The offset exists again, so only the record's bytes show that it is another topic."""
    await conformance.check_made_anew_and_longer(rig)


async def test_records_gone_unread_stop_the_stage(rig: MemoryRig) -> None:
    """Complaints would be lost without a word."""
    await conformance.check_records_gone(rig)


async def test_done_records_may_go(rig: MemoryRig) -> None:
    """Ordinary retention would stop a healthy stage."""
    await conformance.check_old_records_gone(rig)


async def test_a_restored_ledger_holds_the_outside_world(rig: MemoryRig) -> None:
    """A restore would pay again what was paid after the backup."""
    await conformance.check_restored(rig)


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
async def test_a_mutant_is_caught(rig: MemoryRig, mutant: str) -> None:
    """The suite could not fail: each of these breaks one promise of the runner."""
    await conformance.check_mutant_is_caught(rig, mutant)
