"""A file that came with a message: handed out to be laid down, never shown by the browser."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

from fastapi import Response

from services.desk.answers import Problem
from services.desk.model import CaseView
from services.desk.web.console import Visit
from services.desk.web.pages import HEADERS
from shared.contracts.submitted import Attachment

# Whatever a stranger's file is, the browser runs nothing of it, also where it is opened.
FENCED = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'"}
MEDIA_TYPE = "application/octet-stream"


async def fetched(visit: Visit) -> Response:
    """GET /cases/{id}/files/{reference}: a look at personal data, noted before it is answered."""
    found = await visit.console.acting.case(visit.path("case_id"), visit.visitor.person)
    reference, shelf = visit.path("reference"), visit.console.shelf
    # A file is this case's when a message of it says so: none is reached by its reference alone.
    file = next((each for each in of(found.case) if each.reference == reference), None)
    if file is None or shelf is None:
        raise _gone()
    await visit.looked("file", case_id=found.case.case_id)
    content = await asyncio.to_thread(shelf.get, found.case.key, reference)
    if content is None:
        raise _gone()
    headers = {**FENCED, "Content-Disposition": f"attachment; filename*=UTF-8''{_quoted(file)}"}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def of(case: CaseView) -> Iterator[Attachment]:
    """Every file that came with a message of this case."""
    for complaint in case.complaints:
        if complaint.personal is not None:
            yield from complaint.personal.attachments
    for message in case.messages:
        yield from message.attachments


def _quoted(file: Attachment) -> str:
    return quote(file.name, safe="")


def _gone() -> Problem:
    return Problem(404, "no_such_file", hint="There is no such file, or it was forgotten.")
