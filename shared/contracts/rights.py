"""Who may read and who may write which topic: one principal a service, nothing by default.

`intake` is the stage and its door, `desk` likewise. Channel teams that are proved by Kafka write to
a topic of their own, `complaints.submitted.SOURCE`, as the principal SOURCE, and to nothing else.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from shared.contracts import topics as t

Operation = Literal["read", "write"]
Resource = Literal["topic", "group"]


@dataclass(frozen=True, slots=True)
class Right:
    """A principal may do something with a topic or a consumer group."""

    principal: str
    operation: Operation
    resource: Resource
    name: str


READS: dict[str, tuple[t.Topic, ...]] = {
    "intake": (t.SUBMITTED,),
    "triage": (t.REGISTERED, t.CASES),
    "recovery": (t.TRIAGED, t.REGISTERED, t.APPROVALS, t.CASES, t.ORDERS_FACTS, t.RECOVERY_INBOX),
    "notify": (
        t.REGISTERED,
        t.TRIAGED,
        t.RECOVERIES,
        t.CASES,
        t.PROMISES,
        t.FEEDBACK,
        t.NOTIFY_INBOX,
    ),
    "desk": (
        t.REGISTERED,
        t.TRIAGED,
        t.RECOVERIES,
        t.APPROVALS,
        t.CASES,
        t.NOTIFICATIONS,
        t.PROMISES,
        t.FEEDBACK,
    ),
}
# Beside dead letters, which every stage may write.
WRITES: dict[str, tuple[t.Topic, ...]] = {
    # Its door also hears the payment provider and tells recovery, hears of mail that came back and
    # tells notify, and takes in what people answer by link.
    "intake": (
        t.SUBMITTED,
        t.REGISTERED,
        t.RECEIPTS,
        t.RECOVERY_INBOX,
        t.NOTIFY_INBOX,
        t.FEEDBACK,
    ),
    "triage": (t.TRIAGED, t.PROMISES),
    "recovery": (t.RECOVERIES, t.PROMISES, t.RECOVERY_INBOX),
    "notify": (t.NOTIFICATIONS, t.PROMISES, t.NOTIFY_INBOX),
    # Its console sends a dead letter of somebody else's again, where it lay.
    "desk": (t.CASES, t.APPROVALS, t.SUBMITTED),
}
# Looked at by the console when somebody opens a page, by no stage.
LOOKS_AT: dict[str, tuple[t.Topic, ...]] = {"desk": (t.DEAD_LETTERS, t.MEASURES)}
# Whoever runs the installation looks at everything, and sends a dead letter again where it lay.
OPS = "ops"
GROUP = "kulanse-"


def rights(sources: Iterable[str] = ()) -> Iterator[Right]:
    """Every right there is; `sources` have topics of their own."""
    listed = tuple(sources)
    for service, read in READS.items():
        yield Right(service, "read", "group", f"{GROUP}{service}")
        yield from _topics(service, "read", listed=(*read, *LOOKS_AT.get(service, ())))
        yield from _topics(service, "write", listed=(*WRITES[service], t.DEAD_LETTERS))
        # A switch stops money or messages: everybody must hear it.
        yield from _topics(service, "read", listed=(t.CONTROLS,))
    yield from _topics(OPS, "read", listed=t.TOPICS)
    yield from _topics(OPS, "write", listed=t.TOPICS)
    for source in listed:
        own = f"{t.SUBMITTED.name}.{source}"
        yield Right("intake", "read", "topic", own)
        yield Right(OPS, "read", "topic", own)
        yield Right(source, "write", "topic", own)


def _topics(principal: str, operation: Operation, *, listed: Iterable[t.Topic]) -> Iterator[Right]:
    for topic in listed:
        yield Right(principal, operation, "topic", topic.name)
