"""What notify knows of one complaint: what came, in whatever order, and what was already said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from shared.contracts.identity import derived, reference_of
from shared.contracts.notifications import Audience, NoticeKind

Seen = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is owed. `name` is unique in its matter: the same is never said twice.

    `covers` names other messages it stands for. `recovery` is the event it tells of, `words` the
    memory of what a person wrote, `promise` the one that is late. `people`: colleagues it is for.
    """

    name: str
    kind: NoticeKind
    template: str
    audience: Audience = "complainant"
    counts_as: tuple[NoticeKind, ...] = ()
    covers: tuple[str, ...] = ()
    recovery: Seen | None = None
    words: Seen | None = None
    promise: Seen | None = None
    limits: bool = False
    code: str = ""
    people: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The pseudonyms of the colleagues who are asked to sign what it tells of."""
        names = (self.recovery or {}).get("asked")
        return tuple(map(str, names)) if isinstance(names, list) else ()

    @property
    def colleagues(self) -> tuple[str, ...]:
        """The pseudonyms of those whom it is for; nobody's where it is for a whole role."""
        return () if self.audience == "complainant" else self.people or self.asked


@dataclass(slots=True)
class Matter:
    """One complaint, folded from memories. Mutable while it is folded, never afterwards.

    `recoveries`: the newest event of each name ("proposed", "approved" …). `words`: people's
    words that have not left yet, by event id. `said`: notices already requested, by name; each
    holds the fields of its `Notice` and `at`. `due`: names of timers that have come. `undone`:
    the time up to which what people decided could not be carried out. `left_at`: when the
    acknowledgement was handed over, by the sender's clock: pauses count from there. `dead`:
    addresses that refused us, in whichever of this person's complaints it was. `waits`: from when
    to when we waited for an answer of theirs. `warned`: the percentages told of each promise.
    `alike`: when acknowledgements left in any of this person's complaints, by what they said.
    `bounced`: how often each message came back. `spared`: this person wants no surveys;
    `surveyed`: when one left in another matter of theirs. `taken_at`: when a person last took the
    case in hand. `raised`: when a reply told, last, of danger, a threat or what is critical.
    `threatened`: this person threatened somebody here, in whichever matter. `ends`: in this one,
    and limits were stated in an earlier one. `ended`: they heard that the exchange is over.
    `unsigned`: since when what is proposed lacks a signature.
    """

    complaint_id: str
    registered: Seen | None = None
    triaged: Seen | None = None
    recoveries: dict[str, Seen] = field(default_factory=dict)
    words: dict[str, Seen] = field(default_factory=dict)
    promises: dict[str, Seen] = field(default_factory=dict)
    said: dict[str, Seen] = field(default_factory=dict)
    timers: set[str] = field(default_factory=set)
    due: set[str] = field(default_factory=set)
    replied: bool = False
    undone: datetime | None = None
    left_at: datetime | None = None
    dead: frozenset[str] = frozenset()
    waits: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    warned: dict[str, set[int]] = field(default_factory=dict)
    alike: Mapping[str, datetime] = field(default_factory=dict)
    bounced: dict[str, int] = field(default_factory=dict)
    replied_at: datetime | None = None
    spared: bool = False
    surveyed: tuple[datetime, ...] = ()
    taken_at: datetime | None = None
    raised: dict[str, datetime] = field(default_factory=dict)
    threatened: bool = False
    ends: bool = False
    ended: bool = False
    unsigned: datetime | None = None

    @property
    def case_id(self) -> str:
        """The case, as triage or recovery names it; until then the one a complaint opens."""
        for seen in (self.triaged, *self.recoveries.values(), *self.words.values()):
            if seen is not None and seen.get("case_id"):
                return str(seen["case_id"])
        return derived("case", self.complaint_id)

    @property
    def reference(self) -> str:
        """What people call the matter by."""
        return reference_of(self.complaint_id)

    @property
    def personal(self) -> Seen:
        """Who it is and what they wrote, as registered; empty when unknown or forgotten."""
        found = None if self.registered is None else self.registered.get("personal")
        return found if isinstance(found, dict) else {}

    def has_in_hand(self, call: str) -> bool:
        """Whether a person took the case after it was called for, by triage or a reply."""
        since = self.raised.get(call)
        return self.taken_at is not None and (since is None or self.taken_at >= since)

    def triage(self, name: str) -> JsonValue:
        """A field of triage's reading; None when triage has not been heard."""
        return None if self.triaged is None else self.triaged.get(name)

    def said_at(self, name: str) -> datetime | None:
        """When a notice was requested."""
        found = self.said.get(name)
        return None if found is None else datetime.fromisoformat(str(found["at"]))


def folded(complaint_id: str, memories: Iterable[Seen]) -> Matter:
    """The matter as the memories tell it, oldest first. Other complaints are passed over."""
    memories = tuple(memories)
    spoke = [seen for seen in memories if "said" in seen]
    matter = Matter(
        complaint_id,
        dead=_dead(memories),
        alike=_alike(spoke),
        spared=any(seen.get("what") == "spared" for seen in memories),
        surveyed=_surveyed(spoke, complaint_id),
    )
    for seen in memories:
        if seen.get("complaint") == complaint_id:
            add(matter, seen)
    case_id = matter.case_id
    took = [_at(seen) for seen in memories if seen.get("took") == case_id]
    matter.taken_at = max([*took, *([matter.taken_at] if matter.taken_at else [])], default=None)
    matter.threatened |= any(seen.get("abuse") == "threat" for seen in memories)
    matter.ended |= any(_says(seen, "template", value="ended") for seen in spoke)
    return matter


def limited(memories: Iterable[Seen], *, but: str = "") -> bool:
    """Whether limits were stated to this person, in whichever complaint (`but` one)."""
    others = (seen for seen in memories if seen.get("complaint") != but)
    return any(_says(seen, "limits", value=True) for seen in others)


def _says(seen: Seen, field_: str, *, value: JsonValue) -> bool:
    """Whether a message that left with this memory has this, itself or as a notice."""
    said = seen.get("said")
    for message in said.values() if isinstance(said, dict) else ():
        notice = message.get("notice") if isinstance(message, dict) else None
        for found in (message, notice):
            if isinstance(found, dict) and found.get(field_) == value:
                return True
    return False


def _alike(memories: Iterable[Seen]) -> dict[str, datetime]:
    """When the latest acknowledgement of each wording left."""
    found: dict[str, datetime] = {}
    for seen in memories:
        said = seen.get("said")
        for message in said.values() if isinstance(said, dict) else ():
            if isinstance(message, dict) and isinstance(message.get("alike"), str):
                found[str(message["alike"])] = datetime.fromisoformat(str(message["at"]))
    return found


def _surveyed(memories: Iterable[Seen], complaint_id: str) -> tuple[datetime, ...]:
    """When this person was asked how another of their matters went."""
    found = []
    for seen in memories:
        said = seen.get("said")
        asked = said.get("survey") if isinstance(said, dict) else None
        if isinstance(asked, dict) and seen.get("complaint") != complaint_id:
            found.append(datetime.fromisoformat(str(asked["at"])))
    return tuple(found)


def _dead(memories: Iterable[Seen]) -> frozenset[str]:
    """Addresses that refused us: they lie with whom they belong to, under `personal`."""
    refused = (seen.get("personal") for seen in memories if seen.get("what") == "effect")
    return frozenset(str(found["dead"]) for found in refused if isinstance(found, dict))


def add(matter: Matter, seen: Seen) -> None:
    """Take in one memory: the fact itself, then what was said when it came."""
    if "took" in seen:
        matter.taken_at = max(_at(seen), matter.taken_at or _at(seen))
    _heard(matter, seen, name=str(seen.get("name", "")))
    if isinstance(seen.get("bounced"), str):
        unsay(matter, str(seen["bounced"]))
    said, timers, kept = seen.get("said"), seen.get("timers"), seen.get("kept")
    if isinstance(said, dict):
        fresh = {key: value for key, value in said.items() if isinstance(value, dict)}
        matter.said.update(fresh)
        _wait(matter, fresh)
    matter.timers.update(map(str, timers if isinstance(timers, list) else ()))
    for promise in kept if isinstance(kept, list) else ():
        matter.promises.pop(str(promise), None)
    _warn(matter, seen.get("warned"))


def unsay(matter: Matter, name: str) -> None:
    """A message came back: it was never heard, and is owed again with all that it stood for."""
    matter.bounced[name] = matter.bounced.get(name, 0) + 1
    for each in [name, *(n for n, said in matter.said.items() if said.get("in") == name)]:
        matter.said.pop(each, None)


def _warn(matter: Matter, warned: JsonValue) -> None:
    for promise_id, steps in warned.items() if isinstance(warned, dict) else ():
        told = {
            step for step in (steps if isinstance(steps, list) else ()) if isinstance(step, int)
        }
        matter.warned.setdefault(promise_id, set()).update(told)


def _wait(matter: Matter, said: Mapping[str, Seen]) -> None:
    """A question to them stops the clocks until they answer."""
    for message in said.values():
        notice = message.get("notice")
        if isinstance(notice, dict) and notice.get("kind") == "question":
            matter.waits.append((datetime.fromisoformat(str(message["at"])), None))


def _heard(matter: Matter, seen: Seen, *, name: str) -> None:
    match seen.get("what"):
        case "registered":
            matter.registered = seen
        case "triaged":
            _triaged(matter, seen)
            matter.threatened |= seen.get("abuse") == "threat"
        case "recovery" if _came_to_nothing(seen, name):
            matter.undone = datetime.fromisoformat(str(seen["effective_at"]))
        case "recovery":
            matter.recoveries[name] = seen
            lacks = _lacks_signature(seen, name)
            matter.unsigned = (matter.unsigned or _at(seen)) if lacks else None
        case "words":
            matter.words[name] = seen
        case "promise":
            matter.promises[name] = seen
        case "timer":
            matter.due.add(name)
        case "effect" if isinstance(seen.get("left_at"), str) and matter.left_at is None:
            matter.left_at = datetime.fromisoformat(str(seen["left_at"]))
        case _:
            _answered(matter, seen, name=name)


def _triaged(matter: Matter, seen: Seen) -> None:
    """A reading stated anew tells no facts: those of the complaint stay."""
    told, before = seen.get("personal"), (matter.triaged or {}).get("personal")
    anew = not (isinstance(told, dict) and told.get("facts")) and bool(before)
    matter.triaged = {**seen, "personal": before} if anew else seen
    calls = seen.get("calls")
    matter.raised |= {str(name): _at(seen) for name in (calls if isinstance(calls, list) else ())}


def _answered(matter: Matter, seen: Seen, *, name: str) -> None:
    match seen.get("what"):
        case "replied":
            matter.replied = True
            matter.replied_at = at = _at(seen)
            matter.waits = [(start, end or max(start, at)) for start, end in matter.waits]
        case "over":
            matter.promises.pop(name, None)
        case "withdrawn":
            matter.promises.clear()
        case "spared":
            matter.spared = True


def _came_to_nothing(seen: Seen, name: str) -> bool:
    """A person's decision that failed before anyone signed it: nothing of it was ever told."""
    by_person = str(seen.get("decided_by")).startswith("person:")
    return name == "failed" and by_person and seen.get("approved_by") is None


def _lacks_signature(seen: Seen, name: str) -> bool:
    """Something is proposed or decided that another must sign; not what only lies with a person."""
    if name not in ("proposed", "adjusted") or not seen.get("gestures"):
        return False
    approval, outcome = seen.get("approval"), seen.get("outcome")
    return approval != "automatic" and (approval, outcome) != ("person", "with_person")


def _at(seen: Seen) -> datetime:
    return datetime.fromisoformat(str(seen["at"]))
