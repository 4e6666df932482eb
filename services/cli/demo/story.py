"""One complaint's whole way, told from the events: the words, the reading, the remedy, the mail."""

from collections.abc import Iterable, Iterator, Sequence

from services.cli.output import say
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.notifications import (
    NoticePersonal,
    NotificationRequested,
    NotificationSent,
)
from shared.contracts.recoveries import RecoveryEvent, RecoverySettled
from shared.contracts.registered import ComplaintRegistered, Personal
from shared.contracts.triaged import ComplaintTriaged, TriagePersonal

Events = Sequence[Event[Contract]]


def tell(events: Events) -> None:
    """Print the way of a complaint that was settled with money, if there is one."""
    chosen = _chosen(events)
    if chosen is None:
        return
    own = [e for e in events if getattr(e.data, "complaint_id", None) == chosen]
    for line in story(sorted(own, key=lambda e: (e.time, e.depth))):
        say(line)


def story(events: Events) -> Iterator[str]:
    """The lines of a complaint's way. `events`: all of one complaint, in order."""
    yield ""
    yield "One complaint's whole way"
    sent = {e.data.notice_id for e in events if isinstance(e.data, NotificationSent)}
    for event in events:
        match event.data:
            case ComplaintRegistered() as complaint:
                yield from _registered(complaint)
            case ComplaintTriaged() as triaged:
                yield from _triaged(triaged)
            case RecoveryEvent() as recovery:
                yield from _recovery(recovery)
            case NotificationRequested() as notice if notice.audience == "complainant":
                yield from _notice(notice, sent=notice.notice_id in sent)


def _chosen(events: Iterable[Event[Contract]]) -> str | None:
    """The first that was settled with money and told by mail what came of it."""
    listed = list(events)
    told = {
        e.data.complaint_id
        for e in listed
        if isinstance(e.data, NotificationSent) and "decision" in e.data.counts_as
    }
    settled = (e.data for e in listed if isinstance(e.data, RecoverySettled))
    return next((d.complaint_id for d in settled if d.total_minor and d.complaint_id in told), None)


def _registered(complaint: ComplaintRegistered) -> Iterator[str]:
    yield f"  complaint {complaint.complaint_id}, by {complaint.channel}"
    words = complaint.personal
    if isinstance(words, Personal):
        yield f"  {words.name or 'somebody'} writes:"
        yield from _quoted(words.text)


def _triaged(triaged: ComplaintTriaged) -> Iterator[str]:
    yield (
        f"  triage reads: {triaged.kind}, {triaged.severity}, {triaged.role}, "
        f"{triaged.written_form}, {triaged.arousal}; wants {triaged.remedy_sought}"
    )
    words = triaged.personal
    evidence = words.evidence if isinstance(words, TriagePersonal) else {}
    for code in triaged.reasons:
        said = ", ".join(f"«{each}»" for each in evidence.get(code, ()))
        yield f"    because {code}{': ' if said else ''}{said}"


def _recovery(recovery: RecoveryEvent) -> Iterator[str]:
    given = ", ".join(
        f"{g.kind} {_sum(g.amount_minor, g.currency)}".rstrip() + f" ({g.state})"
        for g in recovery.gestures
    )
    name = recovery.TYPE.split(".")[2]
    signed = f", signed by {recovery.approved_by}" if recovery.approved_by else ""
    yield f"  recovery {name} (version {recovery.version}): {given or recovery.outcome}{signed}"
    if recovery.version == 1:
        yield f"    because {', '.join(recovery.reasons)}; basis {recovery.basis}"


def _notice(notice: NotificationRequested, *, sent: bool) -> Iterator[str]:
    words = notice.personal
    yield f"  {notice.kind} by {notice.channel}, {'sent' if sent else 'not sent yet'}:"
    if isinstance(words, NoticePersonal):
        yield f"    | {words.subject}"
        yield "    |"
        yield from _quoted(words.body)


def _quoted(text: str) -> Iterator[str]:
    for line in text.strip().splitlines():
        yield f"    | {line}"


def _sum(amount_minor: int, currency: str | None) -> str:
    return f"{amount_minor / 100:.2f} {currency}" if currency else ""
