"""A dead letter that its sender cannot mend any more is mended here, or stays what it was."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from services.cli.mending import mended
from shared.contracts.envelope import Outgoing
from shared.contracts.submitted import DOOR_PROOF
from shared.errors import Invalid, Refused
from tests.everybody import Everybody

BAD = {
    "channel": "webb",
    "channel_message_id": "form-1",
    "complainant": {"email": "ingrid@example.com", "age": 7},
    "text": "Setet kom aldri.",
}
HEADERS = (("ce_source", b"form"), (DOOR_PROOF, b"a proof of other words"))


def letter(message: object, *, topic: str = "complaints.submitted.form") -> Outgoing:
    """What lies among the dead letters."""
    return Outgoing(topic, b"k", orjson.dumps(message), HEADERS)


def test_what_was_wrong_is_changed_and_nothing_else() -> None:
    """Mending one field would lose another, or the words."""
    sets, unsets = ["channel=web"], ["complainant.age"]
    output, changes = mended(letter(BAD), sets, unsets=unsets)
    good = {**BAD, "channel": "web", "complainant": {"email": "ingrid@example.com"}}
    assert orjson.loads(output.value) == good
    assert changes == [("channel", "webb", "web"), ("complainant.age", 7, None)]
    assert (output.topic, output.key) == ("complaints.submitted.form", b"k")


def test_the_same_mending_gives_the_same_record() -> None:
    """A second try would be a second complaint."""
    sets, unsets = ["channel=web"], ["complainant.age"]
    first, _ = mended(letter(BAD), sets, unsets=unsets)
    assert mended(letter(BAD), sets, unsets=unsets)[0] == first


async def test_mended_twice_it_is_one_complaint(tmp_path: Path) -> None:
    """Two colleagues who mend the same letter would have its writer answered twice."""
    everybody = Everybody(tmp_path)
    await everybody.start()
    for _ in range(2):
        output, _changes = mended(letter(BAD), ["channel=web"], unsets=["complainant.age"])
        everybody.log.append(replace(output, topic="complaints.submitted", partition=0))
    await everybody.work()
    assert len(everybody.log.all("complaints.registered")) == 1


def test_a_structured_event_is_mended_in_its_data() -> None:
    """Its envelope would be changed, and the fault stay."""
    event = {"specversion": "1.0", "type": "t", "source": "s", "id": "1", "data": BAD}
    output, _ = mended(letter(event), ["channel=web"], unsets=["complainant.age"])
    whole = orjson.loads(output.value)
    assert (whole["id"], whole["data"]["channel"]) == ("1", "web")


def test_half_mended_is_told_with_all_that_is_left() -> None:
    """It would die again, and be found by somebody else tomorrow."""
    with pytest.raises(Invalid) as left:
        mended(letter(BAD), ["channel=web"], unsets=[])
    assert [fault.field for fault in left.value.faults] == ["complainant.age"]


def test_our_door_s_proof_does_not_cover_what_a_person_changed() -> None:
    """Whoever mends a letter could say what a shop's orders are."""
    output, _ = mended(letter(BAD), ["channel=web"], unsets=["complainant.age"])
    assert [name for name, _ in output.headers] == ["ce_source"]


def test_a_number_is_a_number_and_a_text_a_text() -> None:
    """A sum would be sent as words, or a name that looks like a number as a sum."""
    sets = ["channel=web", 'order={"id": "o-1"}', "order.amount_minor=49900", "order.currency=NOK"]
    output, _ = mended(letter(BAD), [*sets, 'text="42"'], unsets=["complainant.age"])
    whole = orjson.loads(output.value)
    assert whole["order"] == {"id": "o-1", "amount_minor": 49900, "currency": "NOK"}
    assert whole["text"] == "42"


@pytest.mark.parametrize("said", ["channel", "=web", "channel.inner=1"])
def test_what_sets_nothing_is_told(said: str) -> None:
    """A slip would be taken for a change."""
    with pytest.raises(Invalid):
        mended(letter(BAD), [said], unsets=[])


def test_an_event_of_our_own_is_never_edited() -> None:
    """Somebody could rewrite what triage or recovery said."""
    with pytest.raises(Refused) as refused:
        mended(letter(BAD, topic="complaints.triaged"), ["channel=web"], unsets=[])
    assert refused.value.code == "not_a_submission"


def test_what_is_no_json_object_cannot_be_mended_by_field() -> None:
    """A traceback would be the answer to a broken line."""
    with pytest.raises(Invalid) as broken:
        mended(Outgoing("complaints.submitted", None, b"{oops"), ["channel=web"], unsets=[])
    assert broken.value.first.code == "not_an_object"
