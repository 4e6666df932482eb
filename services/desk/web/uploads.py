"""A form with a file in it: read whole, bounded, and one of ours."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.desk.answers import Problem
from services.desk.requests import bytes_of
from services.desk.web.forms import FIELDS_MAX, checked, same_origin

MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form, and the bytes of its files by their field."""

    fields: Mapping[str, str]
    files: Mapping[str, bytes]


def has_file(request: Request) -> bool:
    """Whether a form with a place for a file was sent."""
    return _kind(request).partition(";")[0].strip().lower() == MULTIPART


async def sent_to(request: Request, *, csrf: str) -> Sent:
    """What a page of ours that has a place for a file was sent with; raises `Problem`."""
    same_origin(request)
    try:
        content = await bytes_of(request)
        found = _parts(_kind(request), content)
    except (ValueError, LookupError, MessageError, RecursionError, ClientDisconnect):
        raise _unreadable() from None
    return Sent(checked(found.fields, csrf=csrf), found.files)


def _parts(kind: str, content: bytes) -> Sent:
    """The parts of `content`; what is nested or unnamed is none of our form's."""
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    whole = BytesParser(policy=compat32).parsebytes(head + content)
    parts = whole.get_payload()
    if not isinstance(parts, list) or len(parts) > FIELDS_MAX or whole.defects:
        raise _unreadable()
    fields, files = dict[str, str](), dict[str, bytes]()
    for part in parts:
        if not isinstance(part, Message):
            raise _unreadable()
        name = part.get_param("name", header="content-disposition")
        held = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(held, bytes):
            raise _unreadable()
        if _is_file(part):
            files.setdefault(name, held)
        else:
            fields.setdefault(name, held.decode())
    return Sent(fields, files)


def _is_file(part: Message) -> bool:
    return part.get_param("filename", header="content-disposition") is not None


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "")


def _unreadable() -> Problem:
    return Problem(422, "bad_form", hint="This form cannot be read.")
