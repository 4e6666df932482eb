"""The links in our mails: looking changes nothing, an answer counts once, and nobody forges one."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from services.intake.doors.admit import Admission
from services.intake.doors.http import make_app
from services.intake.doors.keys import Keys
from services.intake.doors.links import Links
from services.intake.doors.pages import FORMS, Words, load_pages
from services.intake.doors.taking import Taking
from services.notify.app import read_policy
from shared.contracts.codec import decode
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event, Record
from shared.contracts.feedback import FeedbackGiven, SurveysDeclined
from shared.contracts.registered import ChoiceMade
from shared.errors import Transient
from shared.links import Form, Link, Purpose, link_of, token_of
from tests.core.test_intake_http import POLICY, SECRET, FakeOut
from tests.policy.link_mails import SECRET as SIGNS
from tests.policy.link_mails import mail_of_story, story_of

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGES = load_pages()
KEY = "0123456789abcdef0123456789abcdef"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # RFC 8058 3.2


def link(purpose: Purpose = "choose", form: Form = "nb", *, days: float = 30) -> Link:
    """A link of a case, good for so many days."""
    return Link(
        purpose,
        form,
        AT + timedelta(days=days),
        KEY,
        "17ca3544-0aa5-5e60-b46c-ebfcd02955ab",
        "7feb2b94-03cd-5962-86df-5d8831bef723",
        "5f3950b8-613f-5ab5-b64a-021c55dc0b68" if purpose == "choose" else None,
        2 if purpose == "choose" else 0,
    )


def address(purpose: Purpose = "choose", form: Form = "nb", *, days: float = 30) -> str:
    """Its address at the door."""
    return f"/l/{token_of(link(purpose, form, days=days), secret=SIGNS)}"


@pytest.fixture
def out() -> FakeOut:
    """Where the door sends."""
    return FakeOut()


@pytest.fixture
async def door(out: FakeOut, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A phone before the door."""
    taking = Taking(Admission(POLICY, SECRET), out, now=lambda: AT)
    app = make_app(taking, Keys(tmp_path).caller, links=Links(SIGNS, PAGES))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://door.example.com") as client:
        yield client


def events(out: FakeOut) -> list[Event[Contract]]:
    """What the door produced."""
    return [decode(Record(o.topic, 0, 0, 0, o.key, o.value, o.headers)) for o in out.sent]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("purpose", ["choose", "expectation", "experience", "no_surveys"])
async def test_looking_changes_nothing(
    door: httpx.AsyncClient, out: FakeOut, purpose: Purpose, form: Form
) -> None:
    """A mail scanner that follows every link would say yes, or no, in somebody's name."""
    shown = await door.get(address(purpose, form))
    assert (shown.status_code, out.sent) == (200, [])
    assert f'<html lang="{form}">' in shown.text
    assert PAGES.words(form).survey("experience").title in shown.text or purpose != "experience"
    assert "<script" not in shown.text


async def test_a_page_is_kept_nowhere_and_runs_nothing(door: httpx.AsyncClient) -> None:
    """The address is a key: a cache, a referrer or a frame would hand it on."""
    shown = await door.get(address())
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]


async def test_a_choice_is_an_event_of_the_complainant(
    door: httpx.AsyncClient, out: FakeOut
) -> None:
    """A yes would not reach the recovery it answers, or start another offer than the one seen."""
    told = await door.post(address(), data={"choice": "yes"})
    (event,) = events(out)
    assert (told.status_code, event.key, out.sent[0].topic) == (200, KEY, "complaints.registered")
    assert event.data == ChoiceMade(
        complaint_id=link().complaint_id,
        case_id=link().case_id,
        recovery_id=str(link().about),
        version=2,
        choice="yes",
    )
    assert PAGES.nb.choose.done["yes"] in told.text


async def test_a_second_press_is_the_same_event(door: httpx.AsyncClient, out: FakeOut) -> None:
    """A double tap on a phone would choose twice."""
    first = await door.post(address(), data={"choice": "another"})
    again = await door.post(address(), data={"choice": "another"})
    one, other = events(out)
    assert one.id == other.id
    assert first.text == again.text


async def test_answers_of_a_survey_count_one_by_one(door: httpx.AsyncClient, out: FakeOut) -> None:
    """Who answers one question of three would be asked again, or not be heard."""
    scores = {"understood": "5", "come_back": "2", "solved": "", "unknown": "3"}
    told = await door.post(address("experience", "nn"), data=scores)
    said = [event.data for event in events(out)]
    assert all(isinstance(each, FeedbackGiven) for each in said)
    assert [(d.question, d.score) for d in said if isinstance(d, FeedbackGiven)] == [
        ("understood", 5),
        ("come_back", 2),
    ]
    assert len({event.id for event in events(out)}) == len(said)
    assert PAGES.nn.experience.done in told.text


@pytest.mark.parametrize("body", [{}, {"solved": "6"}, {"solved": "x"}, {"choice": "perhaps"}])
@pytest.mark.parametrize("purpose", ["choose", "expectation"])
async def test_no_answer_is_asked_for_again(
    door: httpx.AsyncClient, out: FakeOut, purpose: Purpose, body: dict[str, str]
) -> None:
    """Somebody who presses too soon would be thanked for nothing."""
    told = await door.post(address(purpose), data=body)
    assert (told.status_code, out.sent) == (400, [])
    assert "<form" in told.text


@pytest.mark.parametrize("multipart", [True, False])
async def test_one_click_ends_surveys(
    door: httpx.AsyncClient, out: FakeOut, *, multipart: bool
) -> None:
    """A mail program's own button would do nothing (RFC 8058 allows both kinds of body)."""
    files = {name: (None, value) for name, value in ONE_CLICK.items()}
    body = {"files": files} if multipart else {"data": ONE_CLICK}
    told = await door.post(address("no_surveys"), **body)
    (event,) = events(out)
    assert told.status_code == 200
    assert isinstance(event.data, SurveysDeclined)


async def test_an_old_link_is_answered_kindly(door: httpx.AsyncClient, out: FakeOut) -> None:
    """A late click would get an error page, or still count."""
    for told in (
        await door.get(address(form="nn", days=-1)),
        await door.post(address(form="nn", days=-1), data={"choice": "yes"}),
    ):
        assert told.status_code == 410
        assert PAGES.nn.over.title in told.text
    assert out.sent == []


async def test_a_link_that_we_did_not_sign_is_none(door: httpx.AsyncClient, out: FakeOut) -> None:
    """Anybody could answer in anybody's name."""
    other = token_of(link(), secret=b"another secret of thirty-two bytes!!")
    good = address().removeprefix("/l/")
    for token in (other, good[:-1], good[:40] + ("A" if good[40] != "A" else "B") + good[41:], "x"):
        told = await door.post(f"/l/{token}", data={"choice": "yes"})
        assert told.status_code == 404
        assert PAGES.en.unknown.title in told.text.replace("&#39;", "'")
    assert out.sent == []


async def test_no_broker_is_said_and_nothing_is_lost(door: httpx.AsyncClient, out: FakeOut) -> None:
    """A complainant would be thanked for an answer that lies nowhere."""
    out.failure = Transient("KafkaError")
    told = await door.post(address(), data={"choice": "yes"})
    assert (told.status_code, told.headers["retry-after"]) == (503, "5")
    assert PAGES.nb.later.title in told.text


def test_a_token_carries_ids_and_nothing_else() -> None:
    """A link that is passed on would tell who complained."""
    token = token_of(link(), secret=SIGNS)
    assert link_of(token, secret=SIGNS) == link()
    assert token == token_of(link(), secret=SIGNS)
    assert len(token) < 140  # an address of one line and a half on a phone


def words_of(part: object) -> list[str]:
    """Every text under a page, in order."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, dict):
        return [text for value in part.values() for text in words_of(value)]
    return []


@pytest.mark.parametrize("form", FORMS)
def test_a_page_is_written_in_its_own_form(form: Form) -> None:
    """Nynorsk with a "ikke" in it; a question that one form alone asks."""
    pages: dict[Form, Words] = {each: PAGES.words(each) for each in FORMS}
    foreign = read_policy()[0].rules.tone["foreign"][form]
    said = " ".join(words_of(pages[form].model_dump())).casefold()
    spoken = {word.strip(".,:;!?") for word in said.split()}
    assert spoken & set(foreign) == set()
    assert pages[form].experience.questions.keys() == pages["nb"].experience.questions.keys()
    assert pages[form].choose.options.keys() == pages["nb"].choose.done.keys()
    assert pages[form].expectation.questions.keys() <= pages["nb"].experience.questions.keys()


async def test_from_the_mail_to_the_recovery_and_back(
    door: httpx.AsyncClient, out: FakeOut
) -> None:
    """A mail, a page and two stages would each be right, and the answer still go nowhere."""
    story = story_of("offered")
    mail = mail_of_story(story, "offered").get_body(("plain",))
    assert isinstance(mail, EmailMessage)
    (token,) = re.findall(r"/l/(\S+)", mail.get_content())
    await door.post(f"/l/{token}", data={"choice": "yes"})
    (event,) = events(out)
    assert isinstance(event.data, ChoiceMade)
    offer = next(n for n in story.requested() if n.template == "offered")
    answer = (event.data.complaint_id, event.data.recovery_id, event.data.version)
    assert answer == (offer.complaint_id, offer.recovery_id, offer.version)
    story.hears(event.data)
    assert story.memories[-1].data["what"] == "replied"
