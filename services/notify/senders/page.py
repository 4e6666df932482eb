"""The HTML beside the plain text of a mail: the same words, so that the two cannot disagree."""

import re

from jinja2 import Environment
from markupsafe import Markup, escape

# Sizes and colours that read well on a phone and in the dark; no picture, nothing fetched.
_PAGE = """<!doctype html>
<html lang="{{ form }}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{{ subject }}</title></head>
<body style="font: 17px/1.5 sans-serif; max-width: 36em; margin: 1.5em auto; padding: 0 1em">
{%- for points, lines in blocks %}
{%- if points %}
<ul>{% for line in lines %}<li>{{ line }}</li>{% endfor %}</ul>
{%- else %}
<p>{% for line in lines %}{% if not loop.first %}<br>{% endif %}{{ line }}{% endfor %}</p>
{%- endif %}
{%- endfor %}
</body>
</html>
"""
_TEMPLATE = Environment(autoescape=True).from_string(_PAGE)
_POINT = "- "
Block = tuple[bool, list[Markup]]


def page(subject: str, body: str, *, form: str, links: tuple[str, ...] = ()) -> str:
    """A whole HTML document of a plain message; of all addresses only `links` can be clicked."""
    blocks = [each for part in re.split(r"\n{2,}", body.strip()) for each in _blocks(part, links)]
    return _TEMPLATE.render(subject=subject, form=form or "nb", blocks=blocks)


def _blocks(text: str, links: tuple[str, ...]) -> list[Block]:
    """Runs of ordinary lines and of points, in order; each line escaped."""
    found: list[Block] = []
    for line in text.split("\n"):
        is_point = line.startswith(_POINT)
        if not found or found[-1][0] is not is_point:
            found.append((is_point, []))
        found[-1][1].append(_line(line.removeprefix(_POINT) if is_point else line, links))
    return found


def _line(line: str, links: tuple[str, ...]) -> Markup:
    """Escaped; a line that ends in one of the links is the link, by its words."""
    words, _, address = line.rpartition(" ")
    if address not in links:
        return escape(line)
    return Markup('<a href="{}">{}</a>').format(address, words.rstrip(":") or address)
