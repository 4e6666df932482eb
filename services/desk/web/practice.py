"""The practice queue: invented complaints to read, settle and answer, and what the policy says.

Nothing is published, kept or counted: an answer lives as long as the page that shows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from fastapi import Response

from services.desk.answers import Problem
from services.desk.web import letters
from services.desk.web.acts import GESTURES_MAX
from services.desk.web.console import Visit
from services.desk.web.policy import Exercise
from services.desk.web.texts import minor
from shared.contracts.recoveries import Basis, GestureKind
from shared.contracts.triaged import SEVERITIES

# What is told of the reasons: how severe, and why a person; the rest is seen from the text.
TOLD = ("severity", "person", "safety", "vulnerable")
NUMBERS = range(1, GESTURES_MAX + 1)


@dataclass(frozen=True, slots=True)
class Remedy:
    """What she would give: which, on what ground ("": none), and in all (None: no sum, or none
    that can be read).
    """

    gestures: tuple[str, ...]
    basis: str
    total_minor: int | None

    def is_the_policys(self, exercise: Exercise) -> bool:
        """Whether the policy would give the same; a sum counts where something was paid."""
        given = (set(self.gestures), self.basis) == (
            set(exercise.gestures),
            exercise.basis or "",
        )
        return given and (exercise.order is None or self.total_minor == exercise.total_minor)


async def listed(visit: Visit) -> Response:
    """GET /practice."""
    exercises = visit.console.policy.practice.exercises
    return visit.shown("practice.html", {"exercises": exercises, "name": ""})


async def shown(visit: Visit) -> Response:
    """GET /practice/{name}: a complaint, and a form that leads nowhere but back."""
    return _page(visit, _exercise(visit), typed={})


async def answered(visit: Visit) -> Response:
    """POST /practice/{name}: her answer beside the policy's, and how her letter sounds."""
    fields = await visit.form()
    return _page(visit, _exercise(visit), typed=fields)


def _exercise(visit: Visit) -> Exercise:
    found = visit.console.policy.practice.exercises.get(visit.path("name"))
    if found is None:
        raise Problem(404, "no_such_page", hint="There is no such exercise.")
    return found


def _remedy(typed: Mapping[str, str], exercise: Exercise) -> Remedy:
    chosen = (typed.get(f"gesture{number}", "") for number in NUMBERS)
    words = typed.get("total", "").strip()
    currency = exercise.order.currency if exercise.order else ""
    return Remedy(
        tuple(dict.fromkeys(each for each in chosen if each in get_args(GestureKind))),
        typed.get("basis", ""),
        (minor(words, currency) if words else 0) if currency else None,
    )


def _page(visit: Visit, exercise: Exercise, *, typed: Mapping[str, str]) -> Response:
    policy, words = visit.console.policy, visit.visitor.words
    text = typed.get("text", "")
    person = "yes" if exercise.needs_person else "no"
    alike = (typed.get("severity"), typed.get("person")) == (exercise.severity, person)
    values = {
        "name": visit.path("name"),
        "exercise": exercise,
        "severities": SEVERITIES[::-1],
        "typed": typed,
        "person": person,
        "alike": alike,
        "remedy": (remedy := _remedy(typed, exercise)),
        "gives_alike": remedy.is_the_policys(exercise),
        "numbers": NUMBERS,
        "kinds": get_args(GestureKind),
        "bases": get_args(Basis),
        "why": [each for each in exercise.reasons if each.partition(".")[0] in TOLD],
        "remarks": letters.heard(text, exercise.form, policy=policy, words=words),
    }
    return visit.shown("practice.html", values)
