"""The demo's list: what it promises in its header, and that a second round is other people."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import orjson
import pytest

from services.cli.demo.colleagues import colleagues
from services.cli.demo.script import Told, script
from services.cli.demo.sending import mail_of, message_id
from services.intake.channels.email import submitted_from_mail
from shared.contracts.submitted import ComplaintSubmitted

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _read(told: Told) -> ComplaintSubmitted:
    return ComplaintSubmitted.model_validate_json(orjson.dumps(told.submitted))


def test_fifty_with_duplicates_and_two_broken_ones() -> None:
    """The demo would not send what issue 1 asks for."""
    whole = script(50, NOW)
    again = sum(told.again for told in whole.told)
    assert (len(whole.told), again, len(whole.broken)) == (54, 4, 2)
    assert {"http", "kafka", "mail"} == {told.via for told in whole.told}


@pytest.mark.parametrize("count", [1, 7, 50, 103])
def test_every_complaint_is_a_valid_one_and_its_own(count: int) -> None:
    """A round that repeats an id would count as duplicates, and an invalid one as lost."""
    told = [each for each in script(count, NOW).told if not each.again]
    ids = Counter(_read(each).channel_message_id for each in told)
    assert (count, {1}) == (len(told), set(ids.values()))


def test_another_round_has_other_people_orders_and_payments() -> None:
    """The second round would meet the first one's caps, and payments that are used up."""
    told = [each for each in script(100, NOW).told if not each.again]
    first, second = _read(told[0]), _read(told[50])
    assert first.order is not None
    assert second.order is not None
    assert first.complainant.email != second.complainant.email
    assert first.order.id != second.order.id
    assert first.order.payments[0].reference != second.order.payments[0].reference
    assert second.order.buyer == second.complainant.email


def test_a_duplicate_follows_byte_for_byte() -> None:
    """A resend with other bytes would be another complaint."""
    whole = script(50, NOW)
    again = next(told for told in whole.told if told.again)
    first = next(told for told in whole.told if told.id == again.id and not told.again)
    assert first.submitted == again.submitted


def test_times_are_counted_back_from_the_start() -> None:
    """«for fem dager siden» in a text would not fit its order."""
    order = _read(script(1, NOW).told[0]).order
    assert order is not None
    assert order.purchased_at == NOW - timedelta(days=5)


def test_a_mail_says_what_the_list_says() -> None:
    """The mail door would hear other words than the list holds."""
    told = next(each for each in script(50, NOW).told if each.via == "mail")
    raw = mail_of(told)
    heard, meant = submitted_from_mail(raw), _read(told)
    assert (heard.subject, heard.complainant.email) == (meant.subject, meant.complainant.email)
    assert heard.text.split() == meant.text.split()
    assert heard.channel_message_id == message_id(told)
    assert message_from_bytes(raw, policy=policy.default)["Auto-Submitted"] is None


def test_the_colleagues_are_named_as_simulated() -> None:
    """A simulated decision could be taken for a person's."""
    who = colleagues()
    assert who.team_lead.person.startswith("simulated-")
    assert who.finance_clerk.person.startswith("simulated-")
    assert all("Simulated" in each.reason for each in who.team_lead.rejects)
