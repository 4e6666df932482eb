"""A partner's old complaints: read from a file, handed in once, and nothing follows from them."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import orjson
import pytest

from services.__main__ import run as command
from services.cli.backfilling import Backfilled, Wanted, count, run
from services.cli.failures import BadInput, Unreachable
from shared.contracts.submitted import ComplaintSubmitted
from shared.errors import Fault
from tests.everybody import Everybody

HEAD = "channel;channel_message_id;received_at;complainant.email;text;order.id;order.amount_minor;"
CSV = f"""\ufeff{HEAD}order.currency
partner;p-1;2024-03-01T10:00:00+01:00;siv@example.com;"Skoene; for små.
Begge to.";o-1;49900;NOK
partner;p-2;2024-03-02T10:00:00+01:00;;Uten avsender.;;;
partner;p-3;2024-03-03T10:00:00+01:00;ola@example.com;Setet kom aldri.;;;
fax;p-4;2024-03-04T10:00:00+01:00;kari@example.com;Feil kanal.;;;
"""


class FakeDoor:
    """A door that takes what it is given, and may stop answering after some batches."""

    def __init__(self, *, batches: int = 1000, refuses: str = "") -> None:
        """`refuses`: the channel_message_id that it turns away."""
        self.batches, self.refuses, self.taken = batches, refuses, list[dict[str, object]]()

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *ended: object) -> None:
        """Hang up."""

    def batch(self, lines: Sequence[bytes]) -> list[tuple[Fault, ...]]:
        """Take them."""
        if not self.batches:
            raise Unreachable("intake_unreachable", "No answer.", "Try again.")
        self.batches -= 1
        found = [orjson.loads(line) for line in lines]
        self.taken += found
        bad = (Fault("said_no", "", "not this one"),)
        return [bad if each["channel_message_id"] == self.refuses else () for each in found]


def wanted(tmp_path: Path, text: str = CSV, *, name: str = "old.csv", live: bool = False) -> Wanted:
    """A file of a partner."""
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return Wanted(file, live=live, restart=False, rejects=tmp_path / "rejected")


def many(number: int) -> str:
    """So many lines of NDJSON."""
    each = {"channel": "partner", "complainant": {"email": "a@example.com"}, "text": "Den lekker."}
    lines = [orjson.dumps({**each, "channel_message_id": f"m-{n}"}).decode() for n in range(number)]
    return "\n".join(lines)


def handed_in(chosen: Wanted, open_door: Callable[[], FakeDoor]) -> Backfilled:
    """As the command does it."""
    return run(chosen, count(chosen), open_door=open_door)


def test_a_spreadsheet_s_csv_is_read_as_it_is_saved(tmp_path: Path) -> None:
    """A mark at the beginning, semicolons or a line break in a cell would spoil the file."""
    door = FakeDoor()
    done = handed_in(wanted(tmp_path), lambda: door)
    assert (done.good, done.sent) == (2, 2)
    first = ComplaintSubmitted.model_validate_json(orjson.dumps(door.taken[0]))
    assert first.text == "Skoene; for små.\nBegge to."
    assert first.order is not None
    assert (first.order.amount_minor, first.past) == (49900, True)


def test_what_is_refused_is_reported_by_line_and_without_its_words(tmp_path: Path) -> None:
    """A partner could mend nothing, or a report would spread people's words."""
    chosen = wanted(tmp_path)
    handed_in(chosen, lambda: FakeDoor(refuses="p-3"))
    told = [orjson.loads(line) for line in chosen.rejects.read_bytes().splitlines()]
    assert [each["line"] for each in told] == [4, 5, 6]
    codes = [[problem["code"] for problem in each["problems"]] for each in told]
    assert codes == [["unreachable"], ["said_no"], ["literal_error"]]
    assert b"Feil kanal" not in chosen.rejects.read_bytes()


def test_a_dry_run_sends_nothing(tmp_path: Path) -> None:
    """Looking would be doing."""
    done = count(wanted(tmp_path))
    assert (done.good, done.sent, done.people, len(done.rejected)) == (2, 0, 2, 2)
    assert not (tmp_path / "old.csv.progress").exists()


def test_broken_off_it_goes_on_where_it_was(tmp_path: Path) -> None:
    """A file of a million lines would begin anew each time that a line breaks."""
    chosen = wanted(tmp_path, many(250), name="old.ndjson")
    first, second = FakeDoor(batches=2), FakeDoor()
    with pytest.raises(Unreachable):
        handed_in(chosen, lambda: first)
    done = handed_in(chosen, lambda: second)
    assert (len(first.taken), len(second.taken)) == (200, 50)
    assert (done.sent, done.skipped) == (50, 200)


def test_another_file_of_the_same_name_begins_at_its_beginning(tmp_path: Path) -> None:
    """The first lines of a mended file would never be sent."""
    handed_in(wanted(tmp_path, many(5), name="old.ndjson"), FakeDoor)
    again = FakeDoor()
    handed_in(wanted(tmp_path, many(7), name="old.ndjson"), lambda: again)
    assert len(again.taken) == 7


def test_only_live_says_that_it_is_of_today(tmp_path: Path) -> None:
    """A file that claims to be live would be answered; a live one would stay silent."""
    claims = orjson.dumps({**orjson.loads(many(1)), "past": False}).decode()
    as_past, as_live = FakeDoor(), FakeDoor()
    handed_in(wanted(tmp_path, claims, name="a.ndjson"), lambda: as_past)
    handed_in(wanted(tmp_path, claims, name="b.ndjson", live=True), lambda: as_live)
    assert [each["past"] for each in (*as_past.taken, *as_live.taken)] == [True, False]


def test_a_file_of_another_kind_is_told_so(tmp_path: Path) -> None:
    """An Excel file would be sent as ten thousand broken lines."""
    with pytest.raises(BadInput) as bad:
        count(wanted(tmp_path, name="old.xlsx"))
    assert bad.value.first.code == "file_kind"


async def backfilled(folder: Path, number: int) -> Everybody:
    """Everybody, after so many old complaints, every third of them of a danger."""
    everybody = Everybody(folder)
    await everybody.start()
    texts = (
        "Kaffetrakteren lekker, og jeg vil ha pengene tilbake.",
        "Ovnen tok fyr og sønnen min ble skadet. Svar innen i morgen, ellers går jeg til avisen!",
        "The parcel never came. I want a refund of 499 kr.",
    )
    order = {"payments": [{"reference": "p", "amount_minor": 49900, "currency": "NOK"}]}
    for n in range(number):
        message: dict[str, object] = {
            "channel": "partner",
            "channel_message_id": f"old-{n}",
            "received_at": "2024-03-01T10:00:00+01:00",
            "complainant": {"email": f"person{n}@example.com"},
            "text": texts[n % 3],
            "order": {**order, "id": f"o-{n}"},
            "past": True,
        }
        everybody.submit(message)
    await everybody.work()
    return everybody


def effects_of(everybody: Everybody) -> dict[str, int]:
    """How many effects each service has, whatever their state: messages, money, timers."""
    counted = {}
    for name, service in everybody.services.items():
        with service.engine.connect() as connection:
            counted[name] = connection.exec_driver_sql("SELECT count(*) FROM effects").scalar_one()
    return counted


def check_history(everybody: Everybody, number: int) -> None:
    """All registered and read; nothing said, owed, given, opened or timed."""
    lying = {topic: len(everybody.log.all(topic)) for topic in ("complaints.registered", *FOLLOWS)}
    assert lying == {"complaints.registered": number, **dict.fromkeys(FOLLOWS, 0)}
    assert len(everybody.log.all("complaints.triaged")) == number
    said = {dict(r.headers)["ce_type"] for r in everybody.log.all("notifications")}
    assert said <= {b"kulanse.notification.suppressed.v1"}
    assert effects_of(everybody) == dict.fromkeys(everybody.services, 0)


FOLLOWS = ("recoveries", "promises", "cases", "recovery.inbox", "notify.inbox", "dead-letters")


async def test_history_brings_nothing_about(tmp_path: Path) -> None:
    """People would be written to about what was over two years ago, or paid for it again."""
    check_history(await backfilled(tmp_path, 60), 60)


async def test_a_new_mail_on_an_old_matter_is_a_new_complaint(tmp_path: Path) -> None:
    """It would be filed with a case that nobody looks at."""
    everybody = await backfilled(tmp_path, 1)
    new = {
        "channel": "email",
        "channel_message_id": "<new@example.com>",
        "complainant": {"email": "person0@example.com"},
        "subject": "Re: gammel sak",
        "in_reply_to": "old-0",
        "text": "Nå lekker den nye kaffetrakteren også.",
    }
    everybody.submit(new)
    await everybody.work()
    kinds = [dict(r.headers)["ce_type"] for r in everybody.log.all("complaints.registered")]
    assert kinds == [b"kulanse.complaint.registered.v1"] * 2
    assert len(everybody.log.all("promises")) > 0


@pytest.mark.long
async def test_a_backfill_of_ten_thousand_sends_nothing_and_pays_nothing(tmp_path: Path) -> None:
    """What holds for sixty would break at the first batch, budget or cap that fills up."""
    check_history(await backfilled(tmp_path, 10_000), 10_000)


def test_live_tells_what_would_follow_and_a_no_sends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten thousand people would be written to by a slip of the finger."""
    file = tmp_path / "old.ndjson"
    file.write_text(many(3), encoding="utf-8")
    monkeypatch.setenv("KULANSE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert command(["backfill", str(file), "--live"]) == 1
    told = capsys.readouterr()
    assert "3 complaints would be taken as new ones, of 1 people." in told.out
    assert "This cannot be taken back." in told.out
    assert "not_confirmed" in told.err
