"""The ways to somebody: the best first, a further one only where those before it surely failed."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from services.notify.model import Draft, Matter
from services.notify.owed import is_public
from services.notify.policy import NotifyPolicy
from services.notify.wording import BARE, COUNTER
from shared.contracts.contract import Channel
from shared.contracts.identity import derived
from shared.contracts.submitted import Address

_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)


@dataclass(frozen=True, slots=True)
class Way:
    """How a message leaves: an effect's kind, and the address, number or thread it goes to."""

    kind: str
    to: str
    channel: Channel

    @property
    def script(self) -> str | None:
        """The frame around what a colleague says aloud; None for what is written."""
        if self.kind != "call":
            return None
        return "tell" if self.to == COUNTER else "call"


def ways_of(matter: Matter, draft: Draft, *, policy: NotifyPolicy) -> tuple[Way, ...]:
    """The ways of the complaint's channel that have somewhere to go, the best first."""
    seen = matter.registered or matter.triaged or {}
    # As registered: the contract checked it when it was read.
    channel: Channel = str(seen.get("channel") or "email")  # type: ignore[assignment]
    if draft.audience != "complainant":
        named = [f"person:{each}" for each in draft.colleagues]
        who = ", ".join(named) or f"role:{draft.audience}"
        wanted = policy.alerts or "alert" in policy.rules.hooks
        alert = (Way("alert", who, channel),) if wanted else ()
        return (*alert, Way("staff", who, channel))
    ways = policy.rules.ways[channel]
    by_mail = draft.template == "survey"
    if by_mail or (is_public(matter, policy) and draft.template not in BARE):
        ways, channel = policy.rules.private_ways, "email"
    found = ((kind, _destination(matter, kind, policy=policy)) for kind in ways)
    return tuple(Way("call" if k == "tell" else k, to, channel) for k, to in found if to)


def _destination(matter: Matter, kind: str, *, policy: NotifyPolicy) -> str:
    """Where a way of this kind would go; empty when it leads nowhere, or all is forgotten."""
    personal, seen, hooks = matter.personal, matter.registered or {}, policy.rules.hooks
    source, phone = str(seen.get("source") or ""), str(personal.get("phone") or "")
    found = {
        "mail": mail_address(matter),
        "call": phone,
        "sms": phone if "sms" in hooks else "",
        "hook": source if source in hooks else "",
        "tell": COUNTER,
        "reply": str(personal.get("reply_to") or seen.get("thread") or ""),
    }
    return found[kind] if personal else ""


def mail_address(matter: Matter) -> str:
    """Where mail goes: an address that has not refused us; empty when there is none."""
    return next(iter(mail_addresses(matter)), "")


def mail_addresses(matter: Matter) -> list[str]:
    """All of theirs that have not refused us, the best first."""
    given = (str(matter.personal.get(name) or "") for name in ("email", "reply_to"))
    return [each for each in given if is_address(each) and each not in matter.dead]


def address_mark(address: str) -> str:
    """What is remembered of where a message went: enough to know it again, and no address."""
    return derived("address", address)


def is_address(text: str) -> bool:
    """One address and nothing else: no list, no line break, no display name."""
    try:
        _ADDRESS.validate_python(text)
    except ValidationError:
        return False
    return text.isprintable()
