"""`GET /l/{token}` and `POST /l/{token}`: what people answer by the links in our mails.

GET only shows: mail scanners follow every link. POST makes an event under the complainant's record
key. Its id is derived from the token, so that a second press is the same event; the page says the
same kind words either way. Only a token that we signed (shared/links.py) gets so far.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import get_args
from urllib.parse import parse_qs

import structlog
from fastapi import FastAPI, Request
from starlette.responses import Response

from services.intake.doors.body import body_of_request
from services.intake.doors.pages import FORMS, Page, Pages, Words, shown, telling
from services.intake.doors.taking import RETRY_AFTER_S, Taking
from shared.contracts.codec import encode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.contracts.feedback import FeedbackGiven, SurveysDeclined
from shared.contracts.identity import derived
from shared.contracts.registered import ChoiceMade
from shared.contracts.topics import topic_of
from shared.errors import Transient
from shared.links import PATH, Link, link_of

BYTES_MAX = 4096  # a form with a handful of numbers
FIELDS_MAX = 20
CHOICES: frozenset[str] = frozenset(get_args(ChoiceMade.model_fields["choice"].annotation))
Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Links:
    """What the door needs for links: the secret they are signed with, and the pages' words."""

    secret: bytes
    pages: Pages


def add_links(app: FastAPI, taking: Taking, *, links: Links) -> None:
    """Open the door to our links."""

    @app.get(PATH + "{token}")
    async def show_link(token: str) -> Response:
        """Show what may be answered; nothing is answered by looking."""
        link = _answerable(token, links)
        if link is None or link.until < taking.now():
            return _closed(link, links.pages)
        return shown({link.form: _page(link, links.pages.words(link.form))})

    @app.post(PATH + "{token}")
    async def answer_link(token: str, request: Request) -> Response:
        """Take the answer in, once."""
        link, at = _answerable(token, links), taking.now()
        if link is None or link.until < at:
            return _closed(link, links.pages)
        words = links.pages.words(link.form)
        answers = _answers(await body_of_request(request, bytes_max=BYTES_MAX))
        said = [*_said(link, answers, words=words, at=at)]
        if not said:
            page = _page(link, words, missing=True)
            return shown({link.form: page}, HTTPStatus.BAD_REQUEST)
        try:
            await taking.out.send([encode(_event(link, each, token=token, at=at)) for each in said])
        except Transient:
            page, wait = telling(words.later.title, words.later.lead), str(RETRY_AFTER_S)
            busy = HTTPStatus.SERVICE_UNAVAILABLE
            return shown({link.form: page}, busy, headers={"Retry-After": wait})
        structlog.get_logger().info("link_answered", purpose=link.purpose)
        return shown({link.form: _thanks(link, words, answers=answers)})


def _answerable(token: str, links: Links) -> Link | None:
    link = link_of(token, secret=links.secret)
    return None if link is None or link.purpose == "returned" else link


def _closed(link: Link | None, pages: Pages) -> Response:
    """A link of ours whose time is over; or none of ours, told in every form we have."""
    if link is None:
        unknown = {form: pages.words(form).unknown for form in FORMS}
        told = {form: telling(said.title, said.lead) for form, said in unknown.items()}
        return shown(told, HTTPStatus.NOT_FOUND)
    over = pages.words(link.form).over
    return shown({link.form: telling(over.title, over.lead)}, HTTPStatus.GONE)


def _page(link: Link, words: Words, *, missing: bool = False) -> Page:
    match link.purpose:
        case "choose":
            ask = words.choose
            return Page(ask.title, (ask.lead,), ask.options, {}, {})
        case "no_surveys":
            stop = words.no_surveys
            return Page(stop.title, (stop.lead,), {"stop": stop.button}, {}, {})
        case moment:
            survey = words.survey(moment)
            lead = survey.missing if missing else survey.lead
            send = {"send": survey.button}
            return Page(survey.title, (lead,), send, survey.questions, words.scale)


def _thanks(link: Link, words: Words, *, answers: Answers) -> Page:
    """The same however often it was pressed."""
    match link.purpose:
        case "choose":
            return telling(words.choose.done[answers["choice"]], words.choose.again)
        case "no_surveys":
            return telling(words.no_surveys.done)
        case moment:
            return telling(words.survey(moment).done, words.survey(moment).again)


def _answers(body: bytes) -> Answers:
    """The first value of each field of a form; nothing of what is no form."""
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=FIELDS_MAX)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def _said(link: Link, answers: Answers, *, words: Words, at: datetime) -> Iterator[Contract]:
    """What they said, as facts; a mail program's one click (RFC 8058) says it without a form."""
    ids = {"complaint_id": link.complaint_id, "case_id": link.case_id}
    choice = answers.get("choice")
    if link.purpose == "no_surveys":
        yield SurveysDeclined.model_validate({**ids, "at": at})
    elif link.purpose == "choose":
        offer = {"recovery_id": link.about, "version": link.version or None}
        if choice in CHOICES:
            yield ChoiceMade.model_validate({**ids, **offer, "choice": choice})
    else:
        for question in words.survey(link.purpose).questions:
            score = answers.get(question, "")
            if score in words.scale:
                given = {"moment": link.purpose, "question": question, "score": int(score)}
                yield FeedbackGiven.model_validate({**ids, **given, "at": at})


def _event(link: Link, data: Contract, *, token: str, at: datetime) -> Event[Contract]:
    """The same press of the same button of the same mail is the same event."""
    pressed = data.choice if isinstance(data, ChoiceMade) else getattr(data, "question", "")
    return Event(
        id=derived("link", token, data.TYPE, pressed),
        source="kulanse/intake",
        key=link.key,
        time=at,
        data=data,
        topic=topic_of(type(data)).name,
    )
