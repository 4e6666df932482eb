"""What a form says, and that it is one of ours."""

import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request
from starlette.requests import ClientDisconnect

from services.desk.answers import Problem
from services.desk.requests import bytes_of

FIELDS_MAX = 100
FORM = "application/x-www-form-urlencoded"
TOKEN = "csrf"  # noqa: S105 -- a field's name


async def form_of(request: Request, *, csrf: str) -> Mapping[str, str]:
    """The fields of a form that a page of ours showed to her; raises `Problem`.

    `csrf`: what it must carry ("": nobody is signed in). A field that comes twice counts once.
    """
    same_origin(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Problem(415, "not_a_form", hint="Send a form.", field="Content-Type")
    try:
        text = (await bytes_of(request)).decode()
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except (ValueError, ClientDisconnect):  # gone: she went on to another page meanwhile
        raise Problem(422, "bad_form", hint="This form cannot be read.") from None
    return checked(dict(reversed(pairs)), csrf=csrf)


def checked(said: Mapping[str, str], *, csrf: str) -> Mapping[str, str]:
    """Fields as she typed them, if the form carries what ours do; raises `Problem`."""
    fields = {name: value.replace("\r\n", "\n") for name, value in said.items()}
    if csrf and not hmac.compare_digest(fields.get(TOKEN, "").encode(), csrf.encode()):
        raise Problem(403, "not_our_form", hint="Load the page again, and send it again.")
    return fields


def same_origin(request: Request) -> None:
    """Browsers say where a form comes from; one from elsewhere is refused."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if elsewhere or site not in ("same-origin", "none"):
        raise Problem(403, "not_our_form", hint="This form came from another site.")
