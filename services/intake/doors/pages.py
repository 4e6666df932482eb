"""The pages behind the links in our mails: words from the policy, no script, nothing fetched.

They name nobody and tell nothing of the case: whoever has the mail may have passed it on.
"""

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from jinja2 import Environment, StrictUndefined
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse

from shared.links import Form
from shared.policy import load_policy

FORMS: tuple[Form, ...] = ("nb", "nn", "en")
# Big enough for a thumb; readable in the dark.
_STYLE = """
:root { color-scheme: light dark }
body { font: 18px/1.5 sans-serif; max-width: 34em; margin: 1.5em auto; padding: 0 1em }
fieldset { border: 0; margin: 0 0 1.5em; padding: 0 }
legend { font-weight: bold }
button, label { display: block; min-height: 44px }
button { font: inherit; width: 100%; margin: .6em 0; padding: .7em }
input { width: 1.4em; height: 1.4em; vertical-align: middle }
"""
_PAGE = """<!doctype html>
{% for form, page in shown %}{% if loop.first %}<html lang="{{ form }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{{ page.title }}</title>
<style>{{ style }}</style></head>
<body>{% endif %}
<main lang="{{ form }}">
<h1>{{ page.title }}</h1>
{% for line in page.lines %}<p>{{ line }}</p>
{% endfor %}{% if page.buttons or page.questions %}<form method="post">
{% for name, words in page.questions.items() %}<fieldset><legend>{{ words }}</legend>
{% for score, said in page.scale.items() %}<label>\
<input type="radio" name="{{ name }}" value="{{ score }}"> {{ score }} – {{ said }}</label>
{% endfor %}</fieldset>
{% endfor %}{% for value, words in page.buttons.items() %}\
<button name="choice" value="{{ value }}">{{ words }}</button>
{% endfor %}</form>
{% endif %}</main>
{% endfor %}</body>
</html>
"""
_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined).from_string(_PAGE)
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


class Part(BaseModel):
    """A frozen piece of policy; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(Part):
    """A page that only tells."""

    title: str
    lead: str


class Choose(Said):
    """What suits them: a button an option, and what is said when it was pressed."""

    options: dict[str, str]
    done: dict[str, str]
    again: str


class Survey(Said):
    """Statements to agree with, 1 to 5."""

    button: str
    missing: str
    done: str
    again: str
    questions: dict[str, str]


class Decline(Said):
    """No more surveys, by one button."""

    button: str
    done: str


class Words(Part):
    """All pages in one written form."""

    choose: Choose
    expectation: Survey
    experience: Survey
    no_surveys: Decline
    scale: dict[str, str]
    over: Said
    unknown: Said
    later: Said

    def survey(self, moment: str) -> Survey:
        """What is asked at the beginning, or at the end."""
        return self.expectation if moment == "expectation" else self.experience


class Pages(Part):
    """`pages/{nb,nn,en}.yaml`."""

    nb: Words
    nn: Words
    en: Words

    def words(self, form: Form) -> Words:
        """The pages of a written form."""
        return {"nb": self.nb, "nn": self.nn, "en": self.en}[form]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: what stands on it, and what may be answered."""

    title: str
    lines: tuple[str, ...]
    buttons: Mapping[str, str]
    questions: Mapping[str, str]
    scale: Mapping[str, str]


def load_pages() -> Pages:
    """The pages; raises `Refused` naming the file and the field."""
    files = {form: f"pages/{form}.yaml" for form in FORMS}
    return load_policy(Pages, **files)[0]


def telling(title: str, *lines: str) -> Page:
    """A page without anything to answer."""
    return Page(title, lines, {}, {}, {})


def shown(
    pages: Mapping[Form, Page],
    status: HTTPStatus = HTTPStatus.OK,
    *,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """The page, in one written form or in several below each other."""
    html = _TEMPLATE.render(shown=tuple(pages.items()), style=_STYLE)
    language = {"Content-Language": ", ".join(pages)}
    return HTMLResponse(html, status, headers={**HEADERS, **language, **(headers or {})})
