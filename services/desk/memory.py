"""What the desk's core remembers of a complainant: ids, codes and numbers, never words.

One event leaves at most one memory: what it told, what was opened or wanted because of it, and
the case as the rule left it (`shared.contracts.caserule`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import JsonValue, TypeAdapter

from shared.contracts import caserule
from shared.contracts.caserule import CaseState
from shared.contracts.cases import CaseDecided
from shared.contracts.triaged import SEVERITIES, Kind, Severity
from shared.stage.decision import History


@dataclass(frozen=True, slots=True)
class Triage:
    """What the desk needs of a triaged complaint."""

    complaint_id: str
    case_id: str
    severity: Severity
    kind: Kind
    urgent: bool = False
    # A reply raised it: newer than whatever a handler said of it before.
    raised: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Why a person is needed for a complaint whose triage has not come yet."""

    complaint_id: str
    case_id: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The people (pseudonyms) whom a complaint names."""

    complaint_id: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A `case.opened` of ours: its event id, and how many commands we had seen."""

    event_id: str
    complaint_id: str
    case_id: str
    version: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """What a person decided (`by`, as recovery writes it) came to nothing, at this time."""

    case_id: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Corrected:
    """A handler's word on severity."""

    case_id: str
    severity: Severity


Kept = Triage | Wanted | Named | Opening | Failed | Corrected
K = TypeVar("K", Triage, Wanted, Named, Opening, Failed, Corrected)
_NAMES: dict[type[Kept], str] = {
    Triage: "triage",
    Wanted: "wanted",
    Named: "named",
    Opening: "opening",
    Failed: "failed",
    Corrected: "corrected",
}
_ADAPTERS: dict[type[Kept], TypeAdapter[Kept]] = {kind: TypeAdapter(kind) for kind in _NAMES}
_LANDED, _TASKS = "landed", "tasks"


def remembered(*kept: Kept) -> dict[str, JsonValue]:
    """What to put into `Decision.remembers`."""
    return {_NAMES[type(k)]: _ADAPTERS[type(k)].dump_python(k, mode="json") for k in kept}


def landed(event_id: str) -> dict[str, JsonValue]:
    """A `case.opened` of ours came back on `cases`: every reader has it at this place."""
    return {_LANDED: event_id}


def created(task_ids: tuple[str, ...]) -> dict[str, JsonValue]:
    """Tasks that were created."""
    return {_TASKS: list(task_ids)}


@dataclass(frozen=True, slots=True)
class Known:
    """The complainant's history, asked in the core's own words."""

    history: History

    def data(self) -> Iterator[Mapping[str, JsonValue]]:
        """What each earlier event left, oldest first."""
        return (memory.data for memory in self.history.memories)

    def all(self, kind: type[K]) -> Iterator[K]:
        """Every memory of one kind, oldest first."""
        return (each for data in self.data() for each in self._of(kind, data))

    @staticmethod
    def _of(kind: type[K], data: Mapping[str, JsonValue]) -> Iterator[K]:
        name = _NAMES[kind]
        found = _ADAPTERS[kind].validate_python(data[name]) if name in data else None
        if isinstance(found, kind):
            yield found

    def triage(self, complaint_id: str) -> Triage | None:
        """How the complaint was triaged, as last stated; None when that has not come yet."""
        found = [t for t in self.all(Triage) if t.complaint_id == complaint_id]
        return found[-1] if found else None

    def triage_of(self, case_id: str) -> Triage | None:
        """The triage of the case's first complaint: a reply has an id of its own."""
        first = next((t for t in self.all(Triage) if t.case_id == case_id), None)
        return first and self.triage(first.complaint_id)

    def severity(self, triage: Triage) -> Severity:
        """The handler's word on the case's severity, else the machine's.

        What a reply raised after her word she had not read: then the graver of both.
        """
        word: Severity | None = None
        for data in self.data():
            for each in self._of(Corrected, data):
                word = each.severity if each.case_id == triage.case_id else word
            for read in self._of(Triage, data):
                if word and read.raised and read.case_id == triage.case_id:
                    word = max(word, read.severity, key=SEVERITIES.index)
        if word and triage.raised and triage not in self.all(Triage):
            return max(word, triage.severity, key=SEVERITIES.index)
        return word or triage.severity

    def wanted(self, triage: Triage) -> tuple[str, ...]:
        """Why a person was needed before we knew how the complaint was triaged."""
        ids = (triage.complaint_id, triage.case_id)
        mine = (w.why for w in self.all(Wanted) if w.complaint_id in ids or w.case_id in ids)
        return tuple(sorted({why for some in mine for why in some}))

    def about(self, triage: Triage) -> tuple[str, ...]:
        """The people whom the complaints of its case name; `triage` may be new."""
        ours = {t.complaint_id for t in self.all(Triage) if t.case_id == triage.case_id}
        ours.add(triage.complaint_id)
        named = (n.people for n in self.all(Named) if n.complaint_id in ours)
        return tuple(sorted({person for some in named for person in some}))

    def openings(self, case_id: str) -> tuple[Opening, ...]:
        """How often and why the case was opened by us, oldest first."""
        return tuple(o for o in self.all(Opening) if o.case_id == case_id)

    def on_their_way(self, case_id: str) -> tuple[Opening, ...]:
        """Openings of ours that are not yet back on `cases`."""
        back = {data.get(_LANDED) for data in self.data()}
        return tuple(o for o in self.openings(case_id) if o.event_id not in back)

    def came_to_nothing(self, said: CaseDecided) -> bool:
        """Whether this decision failed already: recovery may be read before the decision is."""
        ours = (said.case_id, f"person:{said.actor}")
        times = (f.at for f in self.all(Failed) if (f.case_id, f.by) == ours)
        return any(datetime.fromisoformat(at) >= said.at for at in times)

    def tasks(self) -> frozenset[str]:
        """The tasks that were created."""
        lists = (data.get(_TASKS) for data in self.data())
        return frozenset(str(t) for some in lists if isinstance(some, list) for t in some)

    def case(self, case_id: str) -> CaseState:
        """The case as the rule left it."""
        return caserule.recalled(self.data(), case_id)
