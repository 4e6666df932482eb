"""A page: a template filled in, and the headers that keep everybody else's script out of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.desk.web.texts import finalized, verbatim

DESK = Path(__file__).resolve().parent.parent
STATIC = DESK / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    # Not no-referrer: a form would then say "Origin: null", and ours could not be told apart.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}
SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of ours that a page needs, and the name by which it never changes."""

    content: bytes
    media_type: str
    digest: str


@cache
def assets() -> Mapping[str, Asset]:
    """Everything under static/, by its path there."""
    found = {}
    for path in sorted(STATIC.rglob("*")):
        if path.suffix in TYPES:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            name = path.relative_to(STATIC).as_posix()
            found[name] = Asset(content, TYPES[path.suffix], digest)
    return found


def address(name: str) -> str:
    """Where a page finds a file of ours."""
    return f"/static/{name}?v={assets()[name].digest}"


def asset(name: str) -> Response | None:
    """The file itself; None: there is none."""
    one = assets().get(name)
    if one is None:
        return None
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(one.content, media_type=one.media_type, headers=headers)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(DESK / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["verbatim"] = verbatim
    environment.globals["asset"] = address
    return environment


def page(name: str, values: Mapping[str, object], *, status: int = 200) -> HTMLResponse:
    """The template of this name, filled in."""
    html = _environment().get_template(name).render(values)
    return HTMLResponse(html, status, headers=HEADERS)


def go(path: str) -> RedirectResponse:
    """After a form: somewhere else, so that "reload" does not send it twice."""
    return RedirectResponse(path, SEE_OTHER, headers=HEADERS)
