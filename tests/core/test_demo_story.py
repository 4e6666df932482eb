"""What `kulanse up` tells at its end: one complaint's whole way, the live view, its exit code."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.cli.demo.ledgers import Books
from services.cli.demo.run import Counted
from services.cli.demo.story import story, tell
from services.cli.demo.tally import tally
from services.cli.failures import FAILED, OK
from services.cli.live import Seen
from services.cli.session import code_of
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import NotificationRequested, NotificationSent
from shared.contracts.recoveries import RecoverySettled
from shared.contracts.registered import ComplaintRegistered
from shared.contracts.triaged import ComplaintTriaged

EXAMPLES = Path(__file__).resolve().parents[2] / "shared" / "contracts" / "examples"
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ID = "complaint-1"
NOTHING = Counted(
    submitted=0,
    tally=tally([]),
    books=Books(double_effects=0, payouts_open=0, why=()),
    dead=0,
    lost=0,
    refused_at_door=0,
    seconds=1.0,
)


def _example(contract: type[Contract], name: str, **changes: object) -> Contract:
    """An example of the contracts, as one of this complaint's."""
    text = (EXAMPLES / contract.TYPE / f"{name}.json").read_text(encoding="utf-8")
    read = contract.model_validate_json(text)
    return read.model_copy(update={"complaint_id": ID, **changes})


def _way() -> list[Event[Contract]]:
    """A complaint from door to mail; last things first, as topics may be read."""
    decision = ("decision",)
    said = (
        _example(ComplaintRegistered, "good-nb"),
        _example(ComplaintTriaged, "good-nb"),
        _example(RecoverySettled, "good-first"),
        _example(NotificationRequested, "good-nb", kind="decision", counts_as=decision),
        _example(NotificationSent, "good-mail", kind="decision", counts_as=decision),
    )
    events = [
        Event(f"event-{n}", "test", "key", AT + timedelta(seconds=n), each)
        for n, each in enumerate(said)
    ]
    return list(reversed(events))


def test_the_whole_way_is_told_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    """A newcomer would see counts, and never what a complainant says and hears."""
    tell(_way())
    told = capsys.readouterr().out
    parts = (
        "One complaint's whole way",
        f"complaint {ID}, by ",
        " writes:\n    | ",
        "triage reads: complaint, ",
        "because goods_missing: «fortsatt ikke fått noe»",
        "recovery settled (version 3): refund 1290.00 NOK (posted), signed by person:teamleiar-2",
        "decision by email, sent:",
        "| Vi har fått klagen din om barnesetet",
        "| Hei Ingrid. Du betalte 1290 kr",
    )
    places = [told.find(part) for part in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    assert sorted(places) == places


def test_nothing_is_told_of_a_complaint_that_has_not_come_to_its_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The example would be one without a remedy or a mail, and nobody would see why."""
    tell([e for e in _way() if not isinstance(e.data, NotificationSent)])
    assert capsys.readouterr().out == ""


def test_a_message_that_has_not_left_is_said_to_be_so() -> None:
    """A mail would be shown as sent that nobody has had."""
    way = sorted(_way(), key=lambda e: e.time)
    told = "\n".join(story([e for e in way if not isinstance(e.data, NotificationSent)]))
    assert "decision by email, not sent yet:" in told


def test_the_live_view_says_the_same_in_a_pipe_and_on_a_terminal() -> None:
    """Whoever watches would not see which stage is behind, or that people are waited for."""
    seen = Seen(done={"triage": 7}, behind={"triage": 2}, dead=1, with_people=3, unsigned=4)
    assert "triage 7 done 2 behind" in seen.line()
    assert "1 dead letters; 3 cases wait for people, 4 for a signature" in seen.line()
    columns = [list(column.cells) for column in seen.table().columns]
    rows = dict(zip(columns[0], zip(*columns[1:3], strict=True), strict=True))
    assert (rows["triage"], rows["intake"]) == (("7", "2"), ("0", "0"))
    waiting = [rows[name][0] for name in ("cases that wait for people", "signatures wanted")]
    assert (rows["dead letters"][0], waiting) == ("1", ["3", "4"])


def test_all_balances() -> None:
    """The exit code of a good run would be that of a bad one."""
    assert code_of(NOTHING) == OK


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (replace(NOTHING, lost=1), "lost: 1;"),
        (replace(NOTHING, books=Books(1, 0, ())), "twice: 1"),
        (replace(NOTHING, books=Books(0, 0, ("a payout that nobody booked",))), "that nobody"),
        (replace(NOTHING, tally=tally(_way()[-1:])), f"not done: {ID} open"),
        (replace(NOTHING, tally=replace(tally([]), registered=1)), "registered: 1; at an end: 0"),
        (replace(NOTHING, tally=replace(tally([]), sent_twice=1)), "twice: 1"),
    ],
)
def test_what_does_not_balance_ends_in_another_code(
    counted: Counted, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A script would take a demo that lost or doubled something for a good one."""
    assert (code_of(counted), said in capsys.readouterr().err) == (FAILED, True)
