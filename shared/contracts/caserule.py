"""One rule for every reader of `cases`: which commands of people have an effect.

All that the rule looks at lies on `cases` itself, so that the desk, recovery and notify, each
folding the topic in partition order, come to the same answer without asking one another.
A reader keeps the state of a case among its memories: `judge` finds it there, judges the event
and says what to remember (`Ruling.remembers`, to be merged into the reader's own).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from shared.contracts import cases as ca

RefusalCode = Literal["stale_version", "not_owner", "no_name", "not_open", "not_allowed"]
# "none": nobody needed it yet; taking such a case is allowed and opens it.
Standing = Literal["none", "open", "waiting_for_complainant", "decided", "closed"]

# Roles of people.yaml that may step in without owning the case: there is always a nearest leader.
LEADERS = frozenset({"team_lead", "manager", "supervisor"})
# In `CaseOpened.why`: the person whom the complaint is about.
ABOUT = "about:"
ABOUT_FIELD = "about"  # `CaseOverridden.field` that names (one more) such a person
NOBODY = "nobody"  # the value of an override of "about" that clears it
_LESS = frozenset({"partly_upheld", "not_upheld"})
# Where a command leaves the case, and which of them give the complainant what she waits for.
_STANDING: dict[type[ca.CaseCommand], Standing] = {
    ca.CaseAsked: "waiting_for_complainant",
    ca.CaseDecided: "decided",
    ca.CaseClosed: "closed",
    ca.CaseWithdrawn: "closed",
    ca.CaseReopened: "open",
}
_SERVES = (ca.CaseAnswered, ca.CaseDecided, ca.CaseClosed, ca.CaseWithdrawn)
_MEMORY = "case"


@dataclass(frozen=True, slots=True)
class CaseState:
    """What the rule must know of a case. `version` counts effective commands, from 0.

    `needs_person`: opened, and no person has decided or answered since. `about`: the people it
    complains of. `declined_by`: who upheld it less than fully; once it was `opened_again`, they
    may still say yes, but a second no is another person's. `tasks`: ids of what is not done.
    """

    version: int = 0
    state: Standing = "none"
    owner: str | None = None
    needs_person: bool = False
    about: tuple[str, ...] = ()
    declined_by: tuple[str, ...] = ()
    opened_again: bool = False
    tasks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a command had no effect: the contract's code, and a finer word for a hint."""

    code: RefusalCode
    why: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The case before and after an event, and why a command had no effect (None: it had)."""

    case_id: str
    before: CaseState
    after: CaseState
    refusal: Refusal | None = None

    @property
    def effective(self) -> bool:
        """Whether a reader should act on it."""
        return self.refusal is None

    @property
    def remembers(self) -> dict[str, JsonValue]:
        """What to merge into `Decision.remembers`: ids and numbers only."""
        if self.after == self.before:
            return {}
        return {_MEMORY: {"case_id": self.case_id, **_STATE.dump_python(self.after, mode="json")}}


_STATE: TypeAdapter[CaseState] = TypeAdapter(CaseState)


def judge(
    memories: Iterable[Mapping[str, JsonValue]], event: ca.CaseEvent, *, known: Collection[str]
) -> Ruling:
    """The ruling on an event of `cases`.

    `memories`: the `data` of the reader's memories of this complainant, oldest first; `known`:
    the pseudonyms of people.yaml.
    """
    before = recalled(memories, event.case_id)
    after, refusal = step(before, event, known=known)
    return Ruling(event.case_id, before, after, refusal)


def recalled(memories: Iterable[Mapping[str, JsonValue]], case_id: str) -> CaseState:
    """The case as it was last remembered; a new one if it never was."""
    for data in reversed(tuple(memories)):
        kept = data.get(_MEMORY)
        if isinstance(kept, Mapping) and kept.get("case_id") == case_id:
            return _STATE.validate_python({n: v for n, v in kept.items() if n != "case_id"})
    return CaseState()


def step(
    state: CaseState, event: ca.CaseEvent, *, known: Collection[str]
) -> tuple[CaseState, Refusal | None]:
    """The case after one event of `cases`, and why a command had no effect."""
    if isinstance(event, ca.CaseCommand):
        refusal = refusal_of(state, event, known=known)
        return (state, refusal) if refusal else (applied(state, event), None)
    if isinstance(event, ca.CaseOpened):
        return opened(state, event), None
    if isinstance(event, ca.TaskCreated) and event.task_id not in state.tasks:
        return replace(state, tasks=(*state.tasks, event.task_id)), None
    return state, None


def opened(state: CaseState, event: ca.CaseOpened) -> CaseState:
    """A person is needed (again). Whoever the complaint is about stops owning it."""
    names = (why.removeprefix(ABOUT) for why in event.why if why.startswith(ABOUT))
    about = tuple(sorted({*state.about, *names}))
    return replace(
        state,
        state="open",
        needs_person=True,
        about=about,
        owner=None if state.owner in about else state.owner,
        opened_again=state.opened_again or bool(state.declined_by),
    )


def refusal_of(
    state: CaseState, command: ca.CaseCommand, *, known: Collection[str]
) -> Refusal | None:
    """Why this command has no effect on the case as it is; None when it has."""
    return (
        _who(state, command, known=known)
        or _when(state, command)
        or _whose(state, command)
        or _what(state, command, known=known)
    )


def _who(state: CaseState, command: ca.CaseCommand, *, known: Collection[str]) -> Refusal | None:
    # "rule:NAME" and "person:PSEUDONYM" are how deciders are written; an actor is a bare name.
    if ":" in command.actor or not command.actor.strip():
        return Refusal("no_name", "not_a_person")
    if command.actor not in known:
        return Refusal("not_allowed", "unknown_actor")
    if command.actor in state.about:
        return Refusal("not_allowed", "about_the_actor")
    return None


def _when(state: CaseState, command: ca.CaseCommand) -> Refusal | None:
    if command.seen_version != state.version:
        return Refusal("stale_version", "changed_since")
    if isinstance(command, ca.TaskDone):
        return None if command.task_id in state.tasks else Refusal("not_open", "no_such_task")
    if isinstance(command, ca.CaseReopened):
        return None if state.state == "closed" else Refusal("not_open", "not_closed")
    return Refusal("not_open", "closed") if state.state == "closed" else None


def _whose(state: CaseState, command: ca.CaseCommand) -> Refusal | None:
    mine, leads = state.owner == command.actor, command.role in LEADERS
    if isinstance(command, ca.TaskDone | ca.CaseReopened):
        return None
    if isinstance(command, ca.CaseAssigned):
        free = state.owner is None and command.owner == command.actor
        return None if free or mine or leads else Refusal("not_owner", "owned_by_another")
    if isinstance(command, ca.CaseHandedOver | ca.CaseOverridden | ca.CaseLinked | ca.CaseUnlinked):
        return None if mine or leads else Refusal("not_owner", "not_yours")
    return None if mine else Refusal("not_owner", "not_yours")


def _what(state: CaseState, command: ca.CaseCommand, *, known: Collection[str]) -> Refusal | None:
    if isinstance(command, ca.CaseAssigned | ca.CaseHandedOver):
        if command.owner not in known:
            return Refusal("not_allowed", "unknown_owner")
        if command.owner in state.about:
            return Refusal("not_allowed", "about_the_owner")
    if isinstance(command, ca.CaseOverridden) and command.field == ABOUT_FIELD:
        named = command.value == NOBODY or command.value in known
        return None if named else Refusal("not_allowed", "unknown_person")
    if isinstance(command, ca.CaseClosed) and (state.needs_person or state.tasks):
        return Refusal("not_allowed", "not_answered" if state.needs_person else "task_open")
    less = isinstance(command, ca.CaseDecided) and command.result.category in _LESS
    if less and state.opened_again and command.actor in state.declined_by:
        return Refusal("not_allowed", "appeal_to_another")
    return None


def applied(state: CaseState, command: ca.CaseCommand) -> CaseState:
    """The case after a command that has an effect."""
    about = _about(state, command)
    owner = _owner(state, command)
    started: Standing = "open" if state.state == "none" else state.state
    needs = isinstance(command, ca.CaseReopened) or state.needs_person
    return replace(
        state,
        version=state.version + 1,
        state=_STANDING.get(type(command), started),
        owner=None if owner in about else owner,
        needs_person=needs and not isinstance(command, _SERVES),
        about=about,
        declined_by=_declined_by(state, command),
        opened_again=state.opened_again
        or (isinstance(command, ca.CaseReopened) and bool(state.declined_by)),
        tasks=_tasks(state, command),
    )


def _owner(state: CaseState, command: ca.CaseCommand) -> str | None:
    if isinstance(command, ca.CaseAssigned | ca.CaseHandedOver):
        return command.owner
    return command.actor if isinstance(command, ca.CaseReopened) else state.owner


def _about(state: CaseState, command: ca.CaseCommand) -> tuple[str, ...]:
    if not isinstance(command, ca.CaseOverridden) or command.field != ABOUT_FIELD:
        return state.about
    return () if command.value == NOBODY else tuple(sorted({*state.about, command.value}))


def _declined_by(state: CaseState, command: ca.CaseCommand) -> tuple[str, ...]:
    less = isinstance(command, ca.CaseDecided) and command.result.category in _LESS
    return tuple(sorted({*state.declined_by, command.actor})) if less else state.declined_by


def _tasks(state: CaseState, command: ca.CaseCommand) -> tuple[str, ...]:
    done = command.task_id if isinstance(command, ca.TaskDone) else None
    return tuple(task for task in state.tasks if task != done)
