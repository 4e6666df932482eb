"""A changed policy is tried on past decisions in the console: told, and nothing kept."""

import html
from pathlib import Path

import pytest

from services.cli.desk_door import Cores
from shared.errors import Refused
from shared.policy import POLICY_DIR, read_policy_text
from tests.core.console_world import URL, Room
from tests.core.test_desk_examples import LEAD
from tests.core.test_recovery_policy_diff import past

FILE = "recovery.yaml"
PAGE = f"/policies/try?file={FILE}"
TEXT = (POLICY_DIR / FILE).read_text(encoding="utf-8")
UPLOAD = f"/policies/try?file={FILE}"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
UNNAMED = b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n"
NESTED = b"".join(
    b"--%s\r\nContent-Type: multipart/mixed; boundary=%s\r\n\r\n" % (b"b" * n, b"b" * (n + 1))
    for n in range(1, 300)
)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A console with the cores in hand."""
    return Room(tmp_path, rehearsal=Cores())


def test_the_same_policy_moves_nothing_and_another_is_told(room: Room) -> None:
    """A policy owner ships a number and finds out from customers."""
    lead = room.browser(LEAD)
    page = lead.fills(PAGE, "/policies/try", text=TEXT)
    assert "would be others: 0, of 1." in page
    before = sorted(path.read_bytes() for path in POLICY_DIR.rglob("*.yaml"))
    broken = lead.fills(PAGE, "/policies/try", text=TEXT + "\nno_such_rule: <b>1</b>\n")
    assert lead.answer.status_code == 422
    assert "no_such_rule" in broken
    assert "<b>1</b>" not in lead.answer.text
    assert sorted(path.read_bytes() for path in POLICY_DIR.rglob("*.yaml")) == before


def test_a_file_is_tried_as_its_text_would_be(room: Room) -> None:
    """Whoever has her change in a file must open it, mark all, and paste."""
    lead = room.browser(LEAD)
    windows = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    for content in (TEXT.encode(), windows):
        assert "would be others: 0, of 1." in lead.chooses(PAGE, UPLOAD, upload=content)
        assert f"required>{TEXT}</textarea>" in html.unescape(lead.answer.text)
    broken = lead.chooses(PAGE, UPLOAD, upload=TEXT.encode() + b"no_such_rule: <b>1</b>\n")
    assert lead.answer.status_code == 422
    assert "<code>policy_invalid</code>, <code>upload</code>" in broken
    assert "<b>1</b>" not in lead.answer.text


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"", "policy_not_chosen", "No file was chosen"),
        ("Røyk: 1".encode("latin-1"), "policy_not_text", "byte 2 is not UTF-8"),
        (b"\xff\xfe" + "a: 1".encode("utf-16-le"), "policy_not_text", "Save it so"),
        (b"a: [", "policy_not_yaml", "Correct the line"),
        (b"\x00\x01", "policy_not_yaml", "Correct the line"),
        (TEXT.encode() + b"---\na: 1\n", "policy_several", "begins another document"),
        (b"#" * 40_001, "policy_too_large", "more than 40000 bytes"),
        (b"#" * 400_000, "policy_too_large", "more than 40000 bytes"),
        (BOMB.encode(), "policy_not_plain", "without anchors"),
        (b"- 1", "policy_invalid", "Something in the policy is wrong"),
        (b"# nothing", "policy_invalid", "Something in the policy is wrong"),
    ],
)
def test_a_file_that_is_no_policy_is_told_and_nothing_is_lost(
    room: Room, content: bytes, code: str, said: str
) -> None:
    """She stands before a page of errors and knows neither what was wrong nor with what."""
    lead = room.browser(LEAD)
    page = lead.chooses(PAGE, UPLOAD, upload=content)
    assert lead.answer.status_code == 422
    assert f"<code>{code}</code>, <code>upload</code>" in page
    assert said in page
    assert 'name="upload"' in page


def test_a_file_from_another_site_or_person_is_not_read(room: Room) -> None:
    """Another page makes her browser send a file, or an agent keeps a core busy."""
    agent, lead = room.agent(), room.browser(LEAD)
    files = {"upload": ("x.yaml", TEXT.encode())}
    for who, headers, status in (
        (agent, {"Origin": URL}, 403),
        (lead, {"Origin": "https://evil.example.com"}, 403),
        (lead, {"Origin": URL}, 403),
    ):
        answer = who.http.post(UPLOAD, files=files, headers=headers)
        assert (answer.status_code, "would be others" in answer.text) == (status, False)


@pytest.mark.parametrize("content", [b"", b"--b\r\n\r\nx", NESTED, b"--b--\r\n", UNNAMED])
def test_a_form_that_cannot_be_read_is_told(room: Room, content: bytes) -> None:
    """A form that somebody made by hand ends the door's process."""
    lead = room.browser(LEAD)
    headers = {"Origin": URL, "Content-Type": "multipart/form-data; boundary=b"}
    lead.answer = lead.http.post(UPLOAD, content=content, headers=headers)
    assert lead.answer.status_code == 422


def test_the_cores_tell_what_the_command_tells() -> None:
    """The console and `kulanse policy diff` tell different stories."""
    found = Cores().compared(past(), file=FILE, text=TEXT)
    assert (found.decisions, found.moves) == (3, ())
    less = TEXT.replace("automatic: 25000", "automatic: 10000")
    (moved,) = Cores().compared(past(), file=FILE, text=less).moves
    assert moved.complaint_id == "small"
    assert (moved.before.approval, moved.after.approval) == ("automatic", "team_lead")
    people = (POLICY_DIR / "people.yaml").read_text(encoding="utf-8")
    assert Cores().compared(past(), file="people.yaml", text=people).decisions == 3


def test_who_may_not_try_does_not(room: Room) -> None:
    """Anybody keeps a core busy, or reads a file that is no policy."""
    agent, lead = room.agent(), room.browser(LEAD)
    agent.sees(PAGE)
    assert agent.answer.status_code == 403
    for other in ("../compose.yaml", "triage.yaml", ""):
        lead.sees(f"/policies/try?file={other}")
        assert lead.answer.status_code == 404
    assert "Try a change" in lead.sees(f"/policies?file={FILE}")


@pytest.mark.parametrize("text", [BOMB, "[" * 1000, "a: !!python/object:os.system x", "a: [", "\0"])
def test_what_is_typed_is_read_safely(text: str) -> None:
    """A few lines fill the memory, or run something."""
    with pytest.raises(Refused) as refused:
        read_policy_text(text, where="x")
    assert refused.value.code in {"policy_not_plain", "policy_not_yaml"}
