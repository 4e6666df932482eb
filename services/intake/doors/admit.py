"""From a channel's words to the record that the door produces: checked, masked, proved. Pure."""

from dataclasses import dataclass
from datetime import datetime

from services.intake.checks import check
from services.intake.policy import IntakePolicy
from services.intake.proof import DOOR, Known, proof_headers, seal
from services.intake.receive import id_of, identity_of, masked, unnumbered
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Outgoing
from shared.contracts.identity import derived, record_key
from shared.contracts.submitted import ComplaintSubmitted
from shared.contracts.topics import SUBMITTED

STATUS_PATH = "/v1/complaints"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A message on its way in: its id, and the record. `key`: its complainant's."""

    complaint_id: str
    key: str
    channel_message_id: str
    outgoing: Outgoing
    status_url: str
    # What is to be kept aside before the record leaves.
    files: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """What the door needs to let messages in."""

    policy: IntakePolicy
    secret: bytes

    def admit(
        self,
        message: ComplaintSubmitted,
        *,
        source: str,
        scopes: frozenset[str],
        at: datetime,
        traceparent: str | None = None,
    ) -> Admitted:
        """The record of a message that came `at`; raises `Invalid` when it cannot be."""
        rules = self.policy.intake
        check(message, at=at, rules=rules)
        complaint_id, key = id_of(message, source), self.key_of(message, source)
        message = unnumbered(message, self.secret)
        stamped = message.model_copy(update={"received_at": message.received_at or at})
        event: Event[Contract] = Event(
            id=derived("door", complaint_id, at.isoformat()),
            source=DOOR,
            key=key,
            time=at,
            data=masked(stamped, rules.masking),
            traceparent=traceparent,
            topic=SUBMITTED.name,
        )
        plain = encode(event)
        known = Known(source, scopes, complaint_id)
        headers = plain.headers + proof_headers(known, value=plain.value, secret=self.secret)
        outgoing = Outgoing(plain.topic, plain.key, plain.value, headers)
        url = f"{STATUS_PATH}/{complaint_id}?seal={self.seal(source, complaint_id)}"
        return Admitted(complaint_id, key, message.channel_message_id, outgoing, url)

    def key_of(self, message: ComplaintSubmitted, source: str) -> str:
        """The record key of whoever complains."""
        identity = identity_of(unnumbered(message, self.secret), source)
        return record_key(self.secret, identity or id_of(message, source))

    def seal(self, source: str, complaint_id: str) -> str:
        """What a source must show to ask about a complaint."""
        return seal(source, complaint_id, secret=self.secret)
