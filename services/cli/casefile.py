"""A case in lines for people: the queue's row, and the whole file."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import get_args

from services.cli.failures import BadInput
from services.desk.model import CaseView, ComplaintView, QueueRow, RecoveryView, WaitingApproval
from shared.contracts.caserule import Standing

STANDINGS: tuple[Standing, ...] = get_args(Standing)


def standing(named: str) -> Standing | None:
    """The state asked for; raises `Invalid` for one that there is not."""
    found = next((each for each in STANDINGS if each == named), None)
    if named and found is None:
        raise BadInput("unknown_state", "--state", f"there are {', '.join(STANDINGS)}")
    return found


def row(each: QueueRow) -> str:
    """One line of the queue."""
    due = clock(each.due_at) if each.due_at else "-"
    owner = each.owner or "nobody's"
    why = ", ".join(each.why) or each.state
    return f"{each.case_id}  {each.severity:<8}  {due:<16}  {owner:<14}  {each.category:<10}  {why}"


def waiting(each: WaitingApproval) -> str:
    """One line of the approvals."""
    sums = ", ".join(money(total, currency) for currency, total in each.total_minor.items())
    gestures = ", ".join(each.gestures)
    since = clock(each.proposed_at)
    why = ", ".join(each.reasons)
    return f"{each.recovery_id}  {each.approval:<9}  {since}  {gestures} {sums}  {why}".rstrip()


def whole(case: CaseView, *, uncover: bool) -> Iterator[str]:
    """Everything, most urgent first. Abusive words are covered until asked for."""
    due = f", due {clock(case.due_at)}" if case.due_at else ""
    yield f"Case {case.case_id}: {case.state}, {case.severity}, version {case.version}{due}"
    yield f"Owner       {case.owner or 'nobody yet'}"
    if case.needs:
        yield f"Needs       {', '.join(case.needs)}"
    for complaint in case.complaints:
        yield from _complaint(complaint, uncover=uncover)
    for recovery in case.recoveries:
        yield from _recovery(recovery)
    for approval in case.waiting_approvals:
        yield f"Waits for   a signature ({approval.approval}): recovery {approval.recovery_id}"
    for task in case.tasks:
        done = f"done by {task.done_by}" if task.done_by else f"open, {task.owner_role}"
        yield f"Task        {task.what} {task.task_id}: {done}, due {clock(task.due_at)}"
    for message in case.messages:
        yield ""
        yield f"{clock(message.at)}  {message.who}: {message.kind} ({message.state})"
        covered = message.who == "complainant" and _is_abusive(case) and not uncover
        body = "[covered: abusive words; --uncover shows them]" if covered else message.body
        yield from (f"    {line}" for line in (message.subject, *body.splitlines()) if line)
    yield ""
    for line in case.timeline:
        lost = "" if line.effect else " (no effect)"
        yield f"{clock(line.at)}  {line.by:<16}  {line.said}{lost}"


def _complaint(complaint: ComplaintView, *, uncover: bool) -> Iterator[str]:
    yield ""
    yield f"Complaint   {complaint.complaint_id}"
    read = complaint.triaged
    if read is not None:
        flags = [flag for flag in ("safety", "legal", "vulnerable") if getattr(read, flag)]
        told = (read.kind, read.category, read.arousal, read.role, read.remedy_sought, *flags)
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
    gestures = ", ".join(
        f"{g.kind} {money(g.amount_minor, g.currency)} ({g.state})" for g in now.gestures
    )
    basis = f" ({now.basis})" if now.basis else ""
    yield f"Remedy      {recovery.state}: {now.outcome}{basis}: {gestures or 'nothing yet'}"
    yield f"Decided by  {now.decided_by}: {', '.join(now.reasons)}"


def _is_abusive(case: CaseView) -> bool:
    return any(c.triaged and c.triaged.abuse != "none" for c in case.complaints)


def clock(at: datetime) -> str:
    """A time by the clock of whoever reads it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def money(amount_minor: int, currency: str | None) -> str:
    """A sum as "249.00 NOK"; nothing for no sum."""
    return f"{Decimal(amount_minor) / 100:.2f} {currency}" if currency and amount_minor else ""
