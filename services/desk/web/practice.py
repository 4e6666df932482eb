"""The practice queue: invented complaints to answer, and how the policy reads the same.

Nothing is published, kept or counted: an answer lives as long as the page that shows it.
"""

from collections.abc import Mapping

from fastapi import Response

from services.desk.answers import Problem
from services.desk.web import letters
from services.desk.web.console import Visit
from services.desk.web.policy import Exercise
from shared.contracts.triaged import SEVERITIES

# What is told of the reasons: how severe, and why a person; the rest is seen from the text.
TOLD = ("severity", "person", "safety", "vulnerable")


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
        "why": [each for each in exercise.reasons if each.partition(".")[0] in TOLD],
        "remarks": letters.heard(text, exercise.form, policy=policy, words=words),
    }
    return visit.shown("practice.html", values)
