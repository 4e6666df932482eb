"""The paths of the OpenAPI document that take no complaints: payment providers, links in mails."""

_TOKEN = {"name": "token", "in": "path", "required": True, "schema": {"type": "string"}}
_FIELDS = {
    "type": "object",
    "description": "what the page's own form sends: a choice, or a score for each question",
    "additionalProperties": {"type": "string"},
}
_PAGES = {
    "404": "no link of ours",
    "410": "a link whose time is over",
}


def _page(description: str) -> dict[str, object]:
    return {"description": description, "content": {"text/html": {"schema": {"type": "string"}}}}


def take_event(problems: dict[str, object]) -> dict[str, object]:
    """What a payment provider tells on its own."""
    name = {"name": "name", "in": "path", "required": True, "schema": {"enum": ["stripe"]}}
    signed = {
        "name": "stripe-signature",
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
    }
    received = {"type": "object", "properties": {"received": {"const": True}}}
    return {
        "summary": "Take one event of a payment provider; its signature covers the raw body",
        "parameters": [name, signed],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        "responses": {
            "200": {
                "description": "the broker has it, or it is not about a refund of ours",
                "content": {"application/json": {"schema": received}},
            }
        }
        | problems,
    }


def links() -> dict[str, object]:
    """What people answer by the links in our mails."""
    closed: dict[str, object] = {status: _page(said) for status, said in _PAGES.items()}
    form = {"application/x-www-form-urlencoded": {"schema": _FIELDS}}
    shown: dict[str, object] = {"200": _page("the page")}
    answered: dict[str, object] = {
        "200": _page("thanks"),
        "400": _page("nothing was chosen"),
        "503": _page("the broker does not answer: see Retry-After"),
    }
    return {
        "get": {
            "summary": "Show what may be answered; changes nothing: mail scanners follow links",
            "parameters": [_TOKEN],
            "responses": shown | closed,
        },
        "post": {
            "summary": "Answer; pressed twice it is the same answer",
            "parameters": [_TOKEN],
            "requestBody": {"content": form},
            "responses": answered | closed,
        },
    }
