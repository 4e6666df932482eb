"""Which cases are one matter by a colleague's word, and which two cannot be.

Triage and recovery hear it: what she linked is one matter for the next message and for what is
given, what she parted is two. Both know cases by their complainant: only one person's are linked.
"""

from services.desk.answers import Problem
from services.desk.model import CaseView
from shared.contracts.identity import own_case


def parts(case: CaseView) -> tuple[str, ...]:
    """What can be parted from it: what was linked, and complaints that a machine put here."""
    put_here = {own_case(each.complaint_id) for each in case.complaints} - {case.case_id}
    return tuple(sorted({*case.linked, *put_here}))


def linkable(case: CaseView, other: CaseView) -> None:
    """Raises `Problem` where these two cannot be one matter."""
    if other.case_id == case.case_id:
        raise _refused("same_case", "That is this case; name another.")
    if other.key != case.key:
        raise _refused("another_complainant", "That is somebody else's case; link one person's.")


def partable(case: CaseView, other_id: str) -> None:
    """Raises `Problem` where there is nothing to part."""
    if other_id not in parts(case):
        raise _refused("not_linked", "These two are not linked.")


def _refused(code: str, hint: str) -> Problem:
    return Problem(422, code, hint=hint, field="other")
