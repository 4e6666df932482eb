"""Cases full of hostile texts: each payload in every field that somebody else can fill in."""

from collections.abc import Iterator
from dataclasses import replace

from shared.contracts import approvals as ap
from shared.contracts import cases as ca
from shared.contracts import recoveries as re
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.registered import ComplaintReplied, Personal
from shared.contracts.submitted import Attachment, Order, Payment
from shared.contracts.triaged import TriagePersonal
from tests.browser.hostile import PAYLOADS
from tests.core.test_desk_examples import (
    AGENT,
    LEAD,
    MONDAY,
    approval,
    command,
    event,
    gesture,
    recovery,
    registered,
    replied,
    taken,
    triaged,
)

PER_CASE = 15  # complaints: a page for each payload would take ten times as long
COMMANDS = 2  # a correction and an answer, for each payload


def by_case() -> list[tuple[str, ...]]:
    """The payloads of each case."""
    return [PAYLOADS[at : at + PER_CASE] for at in range(0, len(PAYLOADS), PER_CASE)]


def events_of(number: int, payloads: tuple[str, ...]) -> Iterator[Event[Contract]]:
    """A case with a complaint for each payload; two cases to a complainant."""
    case_id = f"k{number:02}"
    told: list[Contract] = [taken().model_copy(update={"complaint_id": f"c{number:02}-0"})]
    for at, words in enumerate(payloads):
        ids = {"complaint_id": f"c{number:02}-{at}", "recovery_id": f"r{number:02}-{at}"}
        told += (
            each.model_copy(update={k: v for k, v in ids.items() if k in type(each).model_fields})
            for each in (*_outside(words), *_inside(words, seen=1 + COMMANDS * at))
        )
    # Triage first: a case is there before somebody takes it.
    told = [*told[1:3], told[0], *told[3:]]
    for at, data in enumerate(told):
        ours = {"case_id": case_id} if "case_id" in type(data).model_fields else {}
        one = event(data.model_copy(update=ours), f"{case_id}-{at}", after_s=at)
        yield replace(one, key=f"key-{number // 2}")


def _outside(words: str) -> tuple[Contract, ...]:
    """What complainants and partners fill in, and what is quoted of it."""
    file = Attachment(name=words, media_type=words, reference=words, sha256="0" * 64)
    personal = Personal(
        complainant_id=words,
        name=words,
        email=words,
        phone=words,
        organisation=words,
        on_behalf_of=words,
        reply_to=words,
        subject=words,
        text=words,
        attachments=(file, file.model_copy(update={"sha256": None})),
    )
    order = Order(id="o").model_copy(
        update={"id": words, "buyer": words, "payments": (_payment(words),)}
    )
    said = registered().model_copy(
        update={"personal": personal, "channel_message_id": words, "source": words, "order": order}
    )
    read = triaged(
        needs_person=True,
        category=words,
        reasons=(words,),
        order=order,
        personal=TriagePersonal(evidence={words: (words[:20], words)}),
    )
    more = replied()
    assert isinstance(more, ComplaintReplied)
    return said, read, more.model_copy(update={"personal": personal})


def _payment(words: str) -> Payment:
    paid = Payment(reference="p", amount_minor=100, currency="NOK")
    return paid.model_copy(update={"reference": words})


def _inside(words: str, *, seen: int) -> tuple[Contract, ...]:
    """What colleagues and other systems write."""
    paid = gesture("refund", amount_minor=100, currency="NOK", payment_reference=words)
    given = recovery(re.RecoveryProposed, gestures=(paid,), reasons=(words,), decided_by=words)
    return (
        given,
        approval(ap.ApprovalDeclined).model_copy(update={"reason": words, "actor": LEAD}),
        command(ca.CaseOverridden, seen, actor=AGENT, field=words, value=words, reason=words),
        command(
            ca.CaseAnswered,
            seen + 1,
            actor=AGENT,
            reason=words,
            personal=ca.Words(text=words),
            at=MONDAY,
        ),
    )
