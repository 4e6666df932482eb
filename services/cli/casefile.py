"""A case in lines for people: the queue's row, and the whole file."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import get_args

from services.cli.failures import BadInput
from services.desk.model import (
    CaseView,
    ComplaintView,
    MessageView,
    QueueRow,
    RecoveryView,
    WaitingApproval,
)
from shared.contracts.caserule import Standing
from shared.contracts.recoveries import Gesture

STANDINGS: tuple[Standing, ...] = get_args(Standing)
FLAGS = ("safety", "legal", "privacy", "press", "vulnerable")
HEADING = (
    f"{'case':<36}  {'severity':<8}  {'first touch by':<20}  {'owner':<14}  {'about':<10}  needs"
)


def standing(named: str) -> Standing | None:
    """The state asked for; raises `Invalid` for one that there is not."""
    found = next((each for each in STANDINGS if each == named), None)
    if named and found is None:
        raise BadInput("unknown_state", "--state", f"one of {', '.join(STANDINGS)}")
    return found


def row(each: QueueRow) -> str:
    """One line of the queue."""
    due = clock(each.due_at) if each.due_at else "-"
    owner = each.owner or "nobody yet"
    why = ", ".join(each.why) or each.state
    return f"{each.case_id}  {each.severity:<8}  {due:<20}  {owner:<14}  {each.category:<10}  {why}"


def waiting(each: WaitingApproval) -> str:
    """One line of the approvals."""
    sums = ", ".join(money(total, currency) for currency, total in each.total_minor.items())
    gestures = ", ".join(each.gestures)
    since = clock(each.proposed_at)
    why = ", ".join(each.reasons)
    what = f"{gestures} {sums}".rstrip()
    asks = f"asks {', '.join(each.asked)}  " if each.asked else ""
    return (
        f"{each.recovery_id}  {each.approval:<9}  {since}  {what}  {asks}case {each.case_id}  {why}"
    )


def whole(case: CaseView, *, uncover: bool) -> Iterator[str]:
    """Everything, most urgent first. Abusive words are covered until asked for."""
    due = f", due {clock(case.due_at)}" if case.due_at else ""
    yield f"Case {case.case_id}: {case.state}, {case.severity}, version {case.version}{due}"
    yield f"Owner       {case.owner or 'nobody yet'}"
    if case.needs:
        yield f"Needs       {', '.join(case.needs)}"
    yield from _to_do(case)
    for complaint in case.complaints:
        yield from _complaint(complaint, uncover=uncover)
        for recovery in case.recoveries:
            if recovery.now.complaint_id == complaint.complaint_id:
                yield from _recovery(recovery)
    for message in case.messages:
        yield from _message(message, covered=_is_abusive(case) and not uncover)
    yield ""
    for line in case.timeline:
        what = ".".join(line.type.split(".")[1:-1])
        yield f"{clock(line.at)}  {line.by:<18}  {what:<22}  {line.said}".rstrip()


def _to_do(case: CaseView) -> Iterator[str]:
    """What waits here, each with the command that does it."""
    for approval in case.waiting_approvals:
        sign = f"kulanse approvals approve {approval.recovery_id}"
        yield f"To sign     by a {approval.approval}: {sign}, or reject"
    for task in case.tasks:
        due = f"{task.what}, due {clock(task.due_at)}"
        if task.done_by:
            yield f"Task        {task.what}: done by {task.done_by}"
        else:
            yield f"Task        {due}, for a {task.owner_role}: kulanse cases done {task.task_id}"
    if case.needs_person and case.owner is None:
        yield f"Begin with  kulanse cases take {case.case_id}"


def _message(message: MessageView, *, covered: bool) -> Iterator[str]:
    yield ""
    # What a person writes is sent by notify: the mail below it says whether that went out.
    state = "" if message.who == "person" else f" ({message.state})"
    way = f"{message.kind} to {message.audience}" if message.who == "machine" else message.kind
    yield f"{clock(message.at)}  {message.by or message.who}: {way}{state}"
    hidden = covered and message.who == "complainant"
    body = "[covered: abusive words; --uncover shows them]" if hidden else message.body
    yield from (f"    {line}" for line in (message.subject, *body.splitlines()) if line)


def _complaint(complaint: ComplaintView, *, uncover: bool) -> Iterator[str]:
    yield ""
    yield f"Complaint   {complaint.complaint_id}"
    read = complaint.triaged
    if read is not None:
        flags = [flag for flag in FLAGS if getattr(read, flag)]
        abuse = [] if read.abuse == "none" else [f"abuse: {read.abuse}"]
        form, wants = f"written in {read.written_form}", f"wants {read.remedy_sought}"
        told = (read.kind, read.category, form, read.arousal, read.role, wants, *flags, *abuse)
        yield f"Read as     {', '.join(told)}"
        yield f"Because     {', '.join(read.reasons)}"
    words = complaint.personal
    if words is None:
        return
    if read is not None and read.abuse != "none" and not uncover:
        yield f"Text        [covered: {read.abuse}; --uncover shows it]"
        return
    yield f"From        {words.name or words.email or words.complainant_id or 'unknown'}"
    yield from (f"    {line}" for line in words.text.splitlines())


def _recovery(recovery: RecoveryView) -> Iterator[str]:
    now = recovery.now
    gestures = ", ".join(_gesture(gesture) for gesture in now.gestures)
    basis = f" ({now.basis})" if now.basis else ""
    yield f"Remedy      {recovery.state}: {now.outcome}{basis}: {gestures or 'no gesture'}"
    yield f"Decided by  {now.decided_by}: {', '.join(now.reasons)}"


def _gesture(gesture: Gesture) -> str:
    what = f"{gesture.kind} {money(gesture.amount_minor, gesture.currency)}".rstrip()
    return f"{what} ({gesture.state})"


def _is_abusive(case: CaseView) -> bool:
    return any(c.triaged and c.triaged.abuse != "none" for c in case.complaints)


def clock(at: datetime) -> str:
    """A time by the clock of whoever reads it, and which clock that is."""
    return f"{at.astimezone():%Y-%m-%d %H:%M %Z}"


def money(amount_minor: int, currency: str | None) -> str:
    """A sum as "249.00 NOK"; nothing for no sum."""
    return f"{Decimal(amount_minor) / 100:.2f} {currency}" if currency and amount_minor else ""
