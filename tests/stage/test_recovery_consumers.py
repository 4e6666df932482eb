"""What finance reads: two consumers in two languages come to the books that we keep ourselves."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from services.cli import bus
from services.recovery.books import entries
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Outgoing
from shared.embedded import prepare
from shared.settings import Settings
from shared.stage.broker import ensure_topics
from tests.core.recovery_world import World, given, order, triaged
from tests.core.test_recovery_webhooks import provider_event, refunded
from tests.stage.rig_recovery import about

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "consumers"


def told() -> list[Contract]:
    """A refund that was settled, one that came back, one that waits, an answer to a late word."""
    settled, back = refunded(), refunded()
    back.tell(provider_event(back, "failed"))
    waits = World()
    waits.tell(triaged(severity="low", order=order(149000)))
    waits.tell(given(waits, "agent-bjork"))
    return [
        _of(said, f"recovery-{number}")
        for number, world in enumerate((settled, back, waits))
        for said in world.said
        if said.TYPE.startswith("kulanse.recovery.")
    ]


def _of(said: Contract, recovery_id: str) -> Contract:
    """The worlds derive the same ids: each recovery gets its own, and its gestures too."""
    gestures = tuple(
        each.model_copy(update={"gesture_id": f"{recovery_id}:{each.gesture_id}"})
        for each in getattr(said, "gestures", ())
    )
    more = {"gestures": gestures} if gestures else {}
    return said.model_copy(update={"recovery_id": recovery_id, **more})


def records(events: Sequence[Contract]) -> list[Outgoing]:
    """Each as it lies in the topic, and a copy of each, as after a crash."""
    made = []
    for number, said in enumerate(events):
        recovery_id = getattr(said, "recovery_id", "")
        event = about(said, recovery_id, event_id=f"{recovery_id}-{number}")
        made += [encode(event)] * 2
    return made


def our_books(events: Sequence[Contract]) -> dict[str, int]:
    """The expense accounts as recovery's own books have them."""
    sums: dict[str, int] = {}
    for entry in {entry.entry_id: entry for said in events for entry in entries(said)}.values():
        debit = entry.postings[0]
        account = f"{debit.account} {debit.currency}"
        sums[account] = sums.get(account, 0) + debit.amount_minor
    return sums


@pytest.fixture(scope="module")
def lying(broker: str) -> tuple[str, dict[str, int]]:
    """A broker where recoveries lie, and what they come to."""
    asyncio.run(ensure_topics(Settings(bootstrap=broker, partitions=3)))
    events = told()
    _put(broker, records(events))
    return broker, our_books(events)


def _put(bootstrap: str, outputs: Sequence[Outgoing]) -> None:
    async def put() -> None:
        async with bus.writer(bootstrap) as producer:
            for output in outputs:
                await bus.put(producer, output)

    asyncio.run(put())


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    """One run of an example."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def in_python(bootstrap: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """One run of the Python example, until nothing more lies there."""
    script, books = str(EXAMPLES / "finance.py"), str(folder / "ledger.db")
    return ran(sys.executable, script, bootstrap, books, "--until-end")


def test_the_python_consumer_books_what_we_book(
    lying: tuple[str, dict[str, int]], tmp_path: Path
) -> None:
    """Finance would copy an example that books twice, or misses what came back."""
    bootstrap, expected = lying
    for _ in range(2):
        done = in_python(bootstrap, tmp_path)
        assert (done.returncode, json.loads(done.stdout or "null")) == (0, expected), done.stderr
    assert expected["sales_returns NOK"] == 19900


@pytest.mark.skipif(shutil.which("javac") is None, reason="no JDK on the PATH to compile Java with")
def test_the_java_consumer_books_what_we_book(lying: tuple[str, dict[str, int]]) -> None:
    """A downstream system in Java would come to other books."""
    bootstrap, expected = lying
    jars = ":".join(map(str, prepare()))
    done = ran("java", "-cp", jars, str(EXAMPLES / "Finance.java"), bootstrap)
    assert (done.returncode, json.loads(done.stdout or "null")) == (0, expected), done.stderr


def test_a_gap_is_an_alarm(broker: str, tmp_path: Path) -> None:
    """A lost event would be passed over, and the books be wrong without a word."""
    asyncio.run(ensure_topics(Settings(bootstrap=broker, partitions=3)))
    late = next(said for said in told() if getattr(said, "version", 0) > 1)
    missing = late.model_copy(update={"recovery_id": "recovery-gap"})
    _put(broker, [encode(about(missing, "gap", event_id="gap"))])
    done = in_python(broker, tmp_path)
    assert (done.returncode, "gap in recovery-gap" in done.stderr) == (1, True), done.stderr
