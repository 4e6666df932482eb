"""The conformance suite: what every rig must show. Each scenario asserts; mutants fail it."""

from dataclasses import replace

import pytest

from shared.contracts.cases import CaseWithdrawn
from shared.contracts.envelope import Outgoing, Record
from shared.contracts.identity import derived, partition_of
from shared.contracts.inbox import EffectOutcome
from shared.contracts.topics import RECOVERY_INBOX, REGISTERED
from tests.stage.rig import (
    BEGAN,
    CRASHED,
    KILLED,
    PARTITIONS,
    Rig,
    Said,
    Trouble,
    check_all_right,
    check_answers,
    check_decided,
    copy_of,
    decided_ids,
    effect_states,
    event_of,
    first_copies,
    header,
    held,
    put_back,
    question,
    replies,
    reply,
    somebody_in,
)

STARTS_MAX = 6  # a poison record may cost three starts; one that costs more never ends
REGISTERED_0 = (REGISTERED.name, 0)


async def check_dies_and_goes_on(rig: Rig, trouble: Trouble, *, mutant: str = "") -> None:
    """A worker dies at a step; the next one finishes, and nothing shows of it."""
    said = replies(40)
    await rig.produce(s.record for s in said)
    if trouble.step == "claimed":
        # A claim has something to send again only when a worker died with it.
        assert await rig.work(replace(trouble, step="recorded"), mutant=mutant) != 0
    code = await rig.work(trouble, mutant=mutant)
    assert code == (KILLED if trouble.how == "kill" else CRASHED)
    later = replies(20, first=len(said))
    await rig.produce(s.record for s in later)
    assert await rig.work(mutant=mutant) == 0
    await check_all_right(rig, [*said, *later])


# Where each mutant dies, and what then gives it away.
MUTANTS = {
    "acks_first": (Trouble("decided"), "further than the ledger knew"),
    "forgets_outputs": (Trouble("recorded"), "answers lost"),
    "does_not_wait": (Trouble("cleared"), "answers lost"),
}


async def check_mutant_is_caught(rig: Rig, mutant: str) -> None:
    """A worker with one promise broken fails where it must, and for that reason."""
    trouble, what_shows = MUTANTS[mutant]
    with pytest.raises(AssertionError, match=what_shows):
        await check_dies_and_goes_on(rig, trouble, mutant=mutant)


async def check_several_inputs(rig: Rig) -> None:
    """Replies, commands and outcomes of one person meet in one writer, whatever their topic."""
    said = [each for number in range(0, 30, 3) for each in _of_all_inputs("one", number)]
    for number in range(0, len(said), 15):
        await rig.produce(s.record for s in said[number : number + 15])
        assert await rig.work() == 0
    assert {s.event.id for s in said} == set(decided_ids(rig.engine))
    counts = [_count(record) for record in await rig.answers()]
    assert list(range(1, len(said) + 1)) == counts
    assert held(rig.engine) == []


def _of_all_inputs(who: str, number: int) -> list[Said]:
    withdrawn = CaseWithdrawn(
        complaint_id=f"c-{who}",
        case_id=f"k-{who}",
        at=BEGAN,
        actor="her",
        role="complainant",
        seen_version=0,
    )
    outcome = EffectOutcome(
        effect_key=f"e-{who}", kind="journal", complaint_id=f"c-{who}", state="posted", at=BEGAN
    )
    return [
        reply(who, number),
        event_of(withdrawn, who=who, number=number + 1),
        event_of(outcome, who=who, number=number + 2, topic=RECOVERY_INBOX.name),
    ]


def _count(record: Record) -> int:
    return int(question(record).split()[1])


async def check_poison(rig: Rig) -> None:
    """Records that nobody can read become dead letters with their bytes; the rest goes on."""
    good = replies(30)
    bad = _unreadable()
    await rig.produce(s.record for s in good[:15])
    await rig.produce(bad.values())
    null = reply("null", 903).record
    await rig.lay_null(null)
    await rig.produce([good[3].record, good[4].record])  # an upstream's duplicates
    await rig.produce([reply("rejected", 904, text="reject").record])
    await rig.produce(s.record for s in good[15:])
    assert await rig.work() == 0
    await check_all_right(rig, good)
    dead = {header(record, "dl_code"): record for record in await rig.dead()}
    assert {*bad, "null_value", "refused"} == set(dead)
    for code, record in bad.items():
        assert record.value == dead[code].value
        assert record.key == dead[code].key
        assert record.headers == dead[code].headers[: len(record.headers)]
    assert header(dead["null_value"], "dl_null") == "1"
    provenance = {header(r, "dl_topic") for r in dead.values()}
    assert provenance == {REGISTERED.name}
    assert all(header(r, "dl_offset").isdigit() for r in dead.values())


def _unreadable() -> dict[str, Outgoing]:
    fine = reply("bad", 900).record
    wrong = (partition_of(fine.key or b"", PARTITIONS) + 1) % PARTITIONS
    other = tuple((n, b"kulanse.nobody.knows.v1" if n == "ce_type" else v) for n, v in fine.headers)
    return {
        "json_invalid": replace(fine, value=b'\xff\x00{"half"'),
        "unknown_type": replace(fine, headers=other),
        "wrong_partition": replace(reply("bad", 901).record, partition=wrong),
    }


async def check_bug(rig: Rig) -> None:
    """A record that kills the worker is found, becomes a dead letter, and the rest goes on."""
    said = replies(20)
    boom = reply("poison", 900, text="boom")
    await rig.produce([*(s.record for s in said[:10]), boom.record])
    await rig.produce(s.record for s in said[10:])
    codes = await _codes_until_done(rig)
    assert codes[-1] == 0
    assert set(codes[:-1]) == {CRASHED}
    await check_all_right(rig, said)
    (dead,) = await rig.dead()
    assert (header(dead, "dl_code"), dead.value) == ("internal_error", boom.record.value)


async def _codes_until_done(rig: Rig) -> list[int]:
    codes: list[int] = []
    while len(codes) < STARTS_MAX and 0 not in codes:
        codes.append(await rig.work())
    return codes


async def check_breaker(rig: Rig) -> None:
    """Fifty invalid records in a row on a topic of ours stop the stage; none is diverted."""
    who = somebody_in(0)
    good = [reply(who, number) for number in range(5)]
    await rig.produce(s.record for s in good)
    assert await rig.work() == 0
    await rig.produce(replace(reply(who, 100 + n).record, value=b"{") for n in range(60))
    assert await rig.work() == 0
    assert "bad deploy" in rig.why_stopped
    assert [s.event.id for s in good] == decided_ids(rig.engine)
    # Whole rounds only: what a round before the fiftieth held may have been diverted.
    assert len(await rig.dead()) < 50


async def check_made_anew(rig: Rig) -> None:
    """A topic that was deleted and made again stops the stage, and nothing is recorded."""
    said = [reply(somebody_in(0), number) for number in range(10)]
    await rig.produce(s.record for s in said)
    assert await rig.work() == 0
    await rig.make_anew(REGISTERED.name)
    await rig.produce([reply(somebody_in(0), 50).record])
    assert await rig.work() == 0
    assert "checkpoint restart" in rig.why_stopped
    assert f"{REGISTERED.name}-0" in rig.why_stopped
    assert [s.event.id for s in said] == decided_ids(rig.engine)


async def check_made_anew_and_longer(rig: Rig) -> None:
    """The new topic is already longer than the old one was: other bytes give it away."""
    said = [reply(somebody_in(0), number) for number in range(10)]
    await rig.produce(s.record for s in said)
    assert await rig.work() == 0
    await rig.make_anew(REGISTERED.name)
    await rig.produce(reply(somebody_in(0), 50 + number).record for number in range(15))
    assert await rig.work() == 0
    assert "checkpoint restart" in rig.why_stopped
    assert [s.event.id for s in said] == decided_ids(rig.engine)


async def check_records_gone(rig: Rig) -> None:
    """Retention took records that were never read: stop, and say which."""
    said = [reply(somebody_in(0), number) for number in range(10)]
    await rig.produce(s.record for s in said[:4])
    assert await rig.work() == 0
    done = (await rig.ends())[REGISTERED_0]
    await rig.produce(s.record for s in said[4:])
    await rig.let_go(REGISTERED_0, done + 3)
    assert await rig.work() == 0
    assert "checkpoint accept-gap" in rig.why_stopped
    assert f"{REGISTERED.name}-0" in rig.why_stopped
    assert [s.event.id for s in said[:4]] == decided_ids(rig.engine)


async def check_old_records_gone(rig: Rig) -> None:
    """Retention took only what was done: nothing to stop for."""
    said = [reply(somebody_in(0), number) for number in range(10)]
    await rig.produce(s.record for s in said[:4])
    assert await rig.work() == 0
    await rig.let_go(REGISTERED_0, (await rig.ends())[REGISTERED_0])
    await rig.produce(s.record for s in said[4:])
    assert await rig.work() == 0
    await check_all_right(rig, said)


async def check_restored(rig: Rig) -> None:
    """The ledger is put back from an older copy: decisions go on, the outside world waits.

    What was emitted after the copy is emitted again, the same bytes; what was paid after the
    copy was made is not paid again, though the copy says it is still to be done.
    """
    rig.graceful = True
    said = replies(20)
    pays = [reply(f"paid{number}", number, text="effect") for number in range(4)]
    await rig.produce(s.record for s in (*said, *pays))
    rig.dispatching = False
    assert await rig.work() == 0
    older = copy_of(rig.engine)
    rig.dispatching = True
    later = replies(20, first=len(said))
    await rig.produce(s.record for s in later)
    assert await rig.work() == 0
    done = rig.journal.read_text().split()
    assert sorted(derived("probe", s.event.id) for s in pays) == sorted(done)
    put_back(rig.engine, older)
    assert await rig.work() == 0
    assert held(rig.engine), "nothing told that the ledger is older than the log"
    assert done == rig.journal.read_text().split(), "performed again"
    assert set(effect_states(rig.engine).values()) == {"pending"}
    assert {s.event.id for s in (*said, *pays, *later)} <= set(decided_ids(rig.engine))
    mine = {s.answer_id for s in (*said, *later)}
    answers = [r for r in await rig.answers() if header(r, "ce_id") in mine]
    check_answers(answers, [*said, *later])


async def check_copies_alike(rig: Rig, trouble: Trouble, *, mutant: str = "") -> None:
    """After a crash between emit and clear the outputs go out again: the very same records."""
    said = replies(40)
    await rig.produce(s.record for s in said)
    assert await rig.work(trouble, mutant=mutant) == KILLED
    assert await rig.work(mutant=mutant) == 0
    answers = await rig.answers()
    assert len(first_copies(answers)) < len(answers), "nothing was sent twice: it proves nothing"
    await check_decided(rig, said)
