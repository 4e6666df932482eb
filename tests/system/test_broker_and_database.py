"""The conformance suite on what an installation stands on: Kafka and Postgres, each as its image.

The stage ring has it on a broker from jars and on SQLite; here nothing but the images is used.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.stage import conformance
from tests.stage.conformance import MUTANTS
from tests.stage.rig import STEPS, Trouble
from tests.stage.rig_kafka import KafkaRig
from tests.system import lone
from tests.system.engine import why_no_containers


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[str, str]]:
    """A broker and a database server in containers; skips, with the reason, without an engine."""
    if why := why_no_containers():
        pytest.skip(why)
    with lone.kafka() as bootstrap, lone.postgres() as server:
        yield bootstrap, server


@pytest.fixture
async def rig(places: tuple[str, str], tmp_path: Path) -> AsyncIterator[KafkaRig]:
    """A rig on them, with an empty log and an empty database."""
    bootstrap, server = places
    address = lone.empty_database(server)
    async with KafkaRig.fresh(bootstrap, tmp_path, database_url=address) as made:
        assert made.engine.dialect.name == "postgresql"
        yield made


async def test_a_worker_is_killed_and_the_next_goes_on(rig: KafkaRig) -> None:
    """Kill -9 after a commit of Postgres would lose, repeat or reorder decisions."""
    await conformance.check_dies_and_goes_on(rig, Trouble("recorded"))


async def test_a_mutant_is_caught(rig: KafkaRig) -> None:
    """The suite could not fail here."""
    await conformance.check_mutant_is_caught(rig, "forgets_outputs")


@pytest.mark.long
@pytest.mark.parametrize("step", [step for step in STEPS if step != "recorded"])
async def test_a_worker_is_killed_at_any_step(rig: KafkaRig, step: str) -> None:
    """The same between any other two steps."""
    await conformance.check_dies_and_goes_on(rig, Trouble(step))


@pytest.mark.long
async def test_a_restored_ledger_holds_the_outside_world(rig: KafkaRig) -> None:
    """A backup of Postgres that is put back would pay again what was paid after it."""
    await conformance.check_restored(rig)


@pytest.mark.long
async def test_bad_records_harm_nobody_else(rig: KafkaRig) -> None:
    """One bad record, or one that kills the worker, would stop the rest, or vanish."""
    await conformance.check_poison(rig)


@pytest.mark.long
async def test_records_gone_unread_stop_the_stage(rig: KafkaRig) -> None:
    """Complaints would be lost without a word."""
    await conformance.check_records_gone(rig)


@pytest.mark.long
@pytest.mark.parametrize("mutant", sorted(set(MUTANTS) - {"forgets_outputs"}))
async def test_every_mutant_is_caught(rig: KafkaRig, mutant: str) -> None:
    """The suite could not fail: each of these breaks one promise of the runner."""
    await conformance.check_mutant_is_caught(rig, mutant)
