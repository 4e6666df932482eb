"""What she is about to send: shown as they get it, and how it sounds while she writes."""

from pathlib import Path

import pytest

from services.desk.model import CaseView
from services.desk.web.letters import TEMPLATES, preview
from services.notify.model import Draft
from services.notify.policy import FORMS
from services.notify.wording import in_forms, said_to
from shared.contracts import recoveries as re
from shared.tone import Limits, Remark, remarks
from tests.core.console_world import CONSOLE, Room
from tests.core.test_desk_examples import CASE, event, recovery, triaged
from tests.core.test_notify_texts import matter_of
from tests.notify_story import AT
from tests.notify_story import POLICY as NOTIFY
from tests.notify_story import registered as told

PAGE = f"/cases/{CASE}"
LIMITS = Limits(apology_sentences=1, words=30, lix=40, lix_words_min=8)
TEXTS = ("Vi sender ei ny.", "Hei.\n\nVi sender ei ny.", "Vi sender ei ny.\n\nHelsing Bjørk\nKunde")


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A case in nynorsk, that the first agent has taken."""
    room = Room(tmp_path)
    room.agent().fills(PAGE, f"{PAGE}/take")
    return room


def case_in(form: str, *, abuse: str = "none") -> CaseView:
    """The same complaint as notify's story tells it, on the desk."""
    read = triaged(written_form=form, abuse=abuse, complaint_id="c1")
    came = told()
    empty = dict.fromkeys(
        ("about", "linked", "replies", "choices", "corrections", "recoveries", "waiting_approvals",
         "approvals", "tasks", "promises", "messages", "timeline", "needs"),
        (),
    )  # fmt: skip
    return CaseView.model_validate(
        {
            "case_id": CASE,
            "key": "k",
            "version": 1,
            "state": "open",
            "owner": None,
            "severity": "medium",
            "needs_person": True,
            "due_at": None,
            "updated": AT,
            "complaints": ({"complaint_id": "c1", "registered": came, "triaged": read},),
            **empty,
        }
    )


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("verb", TEMPLATES)
@pytest.mark.parametrize("form", [*FORMS, "other"])
@pytest.mark.parametrize("abuse", ["none", "threat"])
def test_she_sees_what_notify_will_write(form: str, verb: str, text: str, abuse: str) -> None:
    """She reads a letter through that they never get."""
    matter = matter_of(form=form, abuse=abuse)
    matter.threatened = abuse == "threat"
    draft = Draft("n", "answer", TEMPLATES[verb], words={"personal": {"text": text}})
    expected = said_to(in_forms(matter, draft, now=AT, policy=NOTIFY), script=None)
    case = case_in(form, abuse=abuse)
    shown = preview(case, verb, text=text, policy=CONSOLE, people=NOTIFY.people.names)
    assert (shown.subject, shown.body) == (expected.subject, expected.body)


def test_a_preview_sends_nothing_and_keeps_her_words(room: Room) -> None:
    """She looks, and it is gone: sent, or lost."""
    me = room.agent()
    text = "Kjære kunde!\nTrakteren kommer tilbake 🙂 <b>{{7*7}}</b>"
    page = me.fills(PAGE, f"{PAGE}/reply", text="x" * 40_001)
    before = len(room.here.loop.published)
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    page = me.sends(f"{PAGE}/reply/preview", {"csrf": token, "key": "k", "text": text})
    assert me.answer.status_code == 200
    assert f"{text}</textarea>" in page
    assert "Svar på denne meldinga, så les eit menneske det." in page
    for told_her in ("“kjære kunde” pushes", "“tilbake” is not nynorsk", "🙂", "reads as loud"):
        assert told_her in page
    raw = me.answer.text
    assert "&lt;b&gt;{{7*7}}&lt;/b&gt;" in raw
    assert len(room.here.loop.published) == before


def test_how_it_sounds_is_told_while_she_types(room: Room) -> None:
    """The browser's script asks for something that the server does not answer."""
    me = room.agent()
    token = me.http.get(PAGE).text.partition('name="csrf" value="')[2].partition('"')[0]
    me.sends(f"{PAGE}/tone", {"csrf": token, "text": "Pengane er refundert. Vi er her."})
    assert me.answer.json() == {
        "remarks": ["“er refundert”: the money is not confirmed yet. Say when it will be."]
    }
    assert me.answer.headers["cache-control"] == "no-store"
    settled = recovery(re.RecoverySettled, 3)
    room.here.loop.happens(event(settled, "settled", after_s=9))
    me.sends(f"{PAGE}/tone", {"csrf": token, "text": "Pengane er refundert."})
    assert me.answer.json() == {"remarks": []}
    me.sends(f"{PAGE}/tone", {"csrf": "wrong", "text": "Hei"})
    assert me.answer.status_code == 403


def test_a_smile_is_no_fault_where_they_smile(room: Room) -> None:
    """She is told off for answering praise in kind."""
    ids = {"case_id": "case-2", "complaint_id": "c-2"}
    pleased = triaged(needs_person=True, severity="low", mood="pleased", **ids)
    room.here.loop.happens(event(pleased, "2"))
    me = room.agent()
    me.fills("/cases/case-2", "/cases/case-2/take")
    token = me.http.get("/cases/case-2").text.partition('name="csrf" value="')[2].partition('"')[0]
    me.sends("/cases/case-2/tone", {"csrf": token, "text": "Så fint! 🙂"})
    assert me.answer.json() == {"remarks": []}


def test_what_cannot_be_previewed_is_told(room: Room) -> None:
    """A path that somebody typed breaks."""
    me = room.agent()
    token = me.http.get(PAGE).text.partition('name="csrf" value="')[2].partition('"')[0]
    me.sends(f"{PAGE}/close/preview", {"csrf": token, "text": "Hei"})
    assert me.answer.status_code == 404
    page = me.sends(f"{PAGE}/reply/preview", {"csrf": token, "text": "  "})
    assert me.answer.status_code == 200
    assert 'class="letter"' not in page


def test_an_opening_is_put_in_and_its_gaps_do_not_leave(room: Room) -> None:
    """She writes every letter anew, or somebody gets "You wrote to us about […]"."""
    me = room.agent()
    page = me.sees(PAGE)
    assert '<option value="later">It takes longer</option>' in page
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": token, "key": "k", "seen_version": "1"}
    page = me.sends(f"{PAGE}/reply/preview", {**form, "start": "later", "text": "Hei, Ada."})
    assert "Hei, Ada.\n\nDu skreiv til oss om […]. Eg har saka di no." in page
    assert "still to be filled in, where […] stands" in page
    before = len(room.here.loop.published)
    page = me.sends(f"{PAGE}/reply", {**form, "text": "Du skreiv til oss om […]."})
    assert me.answer.status_code == 422
    assert "Look for […]" in page
    assert "Du skreiv til oss om […].</textarea>" in page
    assert len(room.here.loop.published) == before
    page = me.sends(f"{PAGE}/reply/preview", {**form, "start": "reasons", "text": "Hei"})
    assert "Hei</textarea>" in page


@pytest.mark.parametrize("form", FORMS)
def test_every_opening_sounds_as_it_should(form: str) -> None:
    """A letter begins in another written form, or with words that we ask people to leave out."""
    model, mine = CONSOLE.starts["en"], CONSOLE.starts[form]
    assert {n: each.verb for n, each in mine.items()} == {n: e.verb for n, e in model.items()}
    assert mine.keys() <= CONSOLE.words[form]["start"].keys()
    lists = {name: found[form] for name, found in CONSOLE.letters.tone.items()}
    for name, each in mine.items():
        assert (name, remarks(each.text, lists, limits=LIMITS._replace(words=60))) == (name, ())
        assert CONSOLE.rules.letter.gap in each.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vi sender ei ny i dag.", ()),
        ("Vi kan ikke det.", (Remark("foreign", "ikke"),)),
        ("Orsak. Vi orsakar det.", (Remark("apology", "2"),)),
        ("Ho kjem 5. november.", ()),
        ("ord " * 31, (Remark("long", "31"),)),
        (
            "Dessverre medfører organisasjonsmessige prosessar lange behandlingstider i dag.",
            (Remark("never", "dessverre"), Remark("heavy", "70")),
        ),
    ],
)
def test_what_a_text_is_told(text: str, expected: tuple[Remark, ...]) -> None:
    """The linter is silent where it matters, or nags where nothing is wrong."""
    lists = {name: found["nn"] for name, found in CONSOLE.letters.tone.items()}
    assert remarks(text, lists, limits=LIMITS) == expected
