"""What would change it, beside why it was decided so: asked for, as it is read anew many times."""

import asyncio
from collections.abc import Mapping

from services.desk.model import CaseView
from services.desk.rehearsal import Otherwise
from services.desk.web.console import Visit
from services.desk.web.policy import Words
from shared.contracts.registered import ComplaintRegistered

# In which section of the console's words the values of a part of the result stand.
SECTIONS = {"remedy_sought": "remedy", "written_form": "form"}
YES_NO = {"yes": "true", "no": "false"}


async def told(visit: Visit, case: CaseView) -> Mapping[str, Otherwise | None]:
    """By complaint, for the one that `?otherwise=` names; None: it cannot be read by itself."""
    rehearsal, asked = visit.console.rehearsal, visit.asked("otherwise")
    if rehearsal is None or not asked:
        return {}
    registered: ComplaintRegistered | None = next(
        (each.registered for each in case.complaints if each.complaint_id == asked), None
    )
    if registered is None:
        return {}
    return {asked: await asyncio.to_thread(rehearsal.otherwise, registered)}


def in_words(words: Words, name: str, *, value: str) -> str:
    """A value of a part of the result; "refund 249.00 NOK, apology" gesture by gesture."""
    if name == "gestures":
        return ", ".join(_gesture(words, each) for each in value.split(", "))
    if value in YES_NO:
        return words.code("value", YES_NO[value])
    if value == "none" and name not in ("abuse", "remedy_sought"):
        return words.code("value", value)
    section = SECTIONS.get(name, name)
    return words.code(section, value) if section in words.sections else value


def _gesture(words: Words, said: str) -> str:
    kind, _, worth = said.partition(" ")
    if kind == "none":
        return words.code("value", kind)
    return f"{words.code('gesture', kind)} {worth}".strip()
