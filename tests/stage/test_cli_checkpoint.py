"""`kulanse checkpoint`: the ways out when a log is no longer the one we know."""

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.__main__ import run
from services.cli import bus
from shared.contracts.envelope import Outgoing
from shared.ledger.engine import open_engine
from shared.ledger.migrate import migrate
from shared.ledger.tables import checkpoints
from shared.settings import Settings
from shared.stage import checkpoint, repairs
from shared.stage.batch import Last, last_of
from shared.stage.breaker import IN_A_ROW_MAX
from shared.stage.broker import ensure_topics

TOPIC, OTHER = "complaints.registered", "cases"


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Triage's ledger, two partitions far, and owned."""
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path))
    engine = open_engine(Settings(state_dir=tmp_path), "triage")
    migrate(engine, "triage")
    with engine.begin() as connection:
        for partition in (0, 1):
            row = {
                "partition": partition,
                "owner": "somebody",
                "offsets": json.dumps({TOPIC: 10 + partition, OTHER: 3}),
                "last": json.dumps({TOPIC: [9 + partition, 1, 2], OTHER: [2, 1, 2]}),
                "outputs": b"[]",
                "attempts": 1,
                "health": "{}",
            }
            connection.execute(checkpoints.insert(), row)
    return engine


def _offsets(engine: Engine) -> list[dict[str, int]]:
    return [each.offsets for each in repairs.standings(engine)]


def test_gap_is_accepted_where_it_is_and_nowhere_else(ledger: Engine) -> None:
    """Records that retention did not take would be skipped, or the stage would stand for ever."""
    arguments = ["checkpoint", "accept-gap", "triage", TOPIC, "0", "--to", "50"]
    assert run([*arguments, "--actor", "ops-lind", "--reason", "retention was too short"]) == 0
    assert _offsets(ledger) == [{TOPIC: 50, OTHER: 3}, {TOPIC: 11, OTHER: 3}]
    ((_, actor, action, why),) = repairs.audit_lines(ledger)
    assert (actor, why) == ("ops-lind", "retention was too short")
    assert f"accept-gap {TOPIC}-0 10 -> 50" == action


def test_gap_is_never_accepted_backwards(
    ledger: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Records would be read again under the name of a repair, with nobody told."""
    arguments = ["checkpoint", "accept-gap", "triage", TOPIC, "0", "--to", "4"]
    assert run([*arguments, "--actor", "a", "--reason", "b"]) == 1
    assert "no_gap" in capsys.readouterr().err
    assert _offsets(ledger) == [{TOPIC: 10, OTHER: 3}, {TOPIC: 11, OTHER: 3}]


def test_what_a_bad_deploy_wrote_is_buried_up_to_the_number_named(ledger: Engine) -> None:
    """The stage would stop at the same records after each restart, or never stop again."""
    words = ["--actor", "ops-lind", "--reason", "triage was rolled back"]
    assert run(["checkpoint", "accept-invalid", "triage", "1", "--many", "60", *words]) == 0
    claim, _ = checkpoint.claim(ledger, {1: {}})[1]
    health = claim.health.after(valid=True)  # a good one lies before them
    stopped_at = next(n for n in range(1, 200) if (health := health.after(valid=False)).tripped)
    assert stopped_at == 60 + IN_A_ROW_MAX
    ((_, actor, action, _),) = repairs.audit_lines(ledger)
    assert (actor, action) == ("ops-lind", "accept-invalid 1: 60")
    assert run(["checkpoint", "accept-invalid", "triage", "7", "--many", "60", *words]) == 1


def test_restart_forgets_one_topic_in_every_partition(ledger: Engine) -> None:
    """A topic made anew would be read from the middle, or another one from its beginning."""
    done = repairs.restart(ledger, TOPIC, actor="a", reason="made anew")
    assert [(each.partition, each.before, each.after) for each in done] == [
        (0, 10, None),
        (1, 11, None),
    ]
    assert _offsets(ledger) == [{OTHER: 3}, {OTHER: 3}]


@pytest.mark.parametrize(("anew", "code"), [(False, 1), (True, 0)])
def test_only_a_topic_made_anew_is_read_again(
    broker: str, ledger: Engine, monkeypatch: pytest.MonkeyPatch, *, anew: bool, code: int
) -> None:
    """A tired hand would have a stage read all it has done, under the name of a repair."""
    monkeypatch.setenv("KULANSE_BOOTSTRAP", broker)
    asyncio.run(ensure_topics(Settings(bootstrap=broker, partitions=2)))
    place, mark = asyncio.run(_done(broker))
    offset, timestamp_ms, checksum = mark
    kept = (offset, timestamp_ms, checksum + 1) if anew else mark
    with ledger.begin() as connection:
        here = checkpoints.c.partition == place.partition
        connection.execute(checkpoints.update().values(last="{}"))
        connection.execute(checkpoints.update().where(here).values(last=json.dumps({TOPIC: kept})))
    arguments = ["checkpoint", "restart", "triage", TOPIC, "--actor", "a", "--reason", "b"]
    assert run(arguments) == code
    assert (TOPIC in _offsets(ledger)[place.partition]) is not anew


async def _done(bootstrap: str) -> tuple[bus.Place, Last]:
    """A record of the topic, as a checkpoint remembers it."""
    async with bus.writer(bootstrap) as producer:
        place = await bus.put(producer, Outgoing(TOPIC, b"who", b"{}", partition=1))
    return place, last_of(await bus.at(bootstrap, place))


def test_a_worker_that_still_runs_is_fenced(ledger: Engine) -> None:
    """It would write its old place over the repair."""
    repairs.restart(ledger, TOPIC, actor="a", reason="b")
    with ledger.begin() as connection:
        owners = connection.execute(checkpoints.select()).all()
    assert [row.owner for row in owners] == ["", ""]
    # What was decided but maybe not sent is still there for the next claim.
    assert [row.outputs for row in owners] == [b"[]", b"[]"]


def test_the_last_record_is_no_longer_looked_for(ledger: Engine) -> None:
    """The stage would stop at once again: another record lies where the last one was."""
    repairs.restart(ledger, TOPIC, actor="a", reason="b")
    taken = checkpoint.claim(ledger, [0])
    claim, _ = taken[0]
    assert list(claim.last) == [OTHER]


def test_resume_lets_the_dispatcher_go_and_is_kept(
    ledger: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """After a restore nobody could let payments go on, or nobody would know who did."""
    checkpoint.hold(ledger, "the log was done further than the database knows")
    words = ["--actor", "ops-lind", "--reason", "compared with the bank"]
    assert run(["checkpoint", "resume", "triage", *words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "service": "triage",
        "was_held": True,
        "matched": 0,
    }
    assert repairs.held(ledger) == ()
    assert [actor for _, actor, _, _ in repairs.audit_lines(ledger)] == ["ops-lind"]


def test_nobody_repairs_without_a_name_and_a_reason(
    ledger: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gap in the complaints would have no one to ask about it."""
    arguments = ["checkpoint", "restart", "triage", TOPIC, "--actor", " ", "--reason", "x"]
    assert run(arguments) == 1
    assert "--actor" in capsys.readouterr().err
    assert _offsets(ledger) == [{TOPIC: 10, OTHER: 3}, {TOPIC: 11, OTHER: 3}]


def test_show_tells_the_place_and_the_repairs(
    ledger: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ops could not see where a stage stands."""
    repairs.restart(ledger, OTHER, actor="ops-lind", reason="made anew")
    assert run(["checkpoint", "show", "triage"]) == 0
    said = capsys.readouterr().out
    assert f"next: {TOPIC} 10" in said
    assert "ops-lind: restart cases: made anew" in said
