"""A mail as a complaint: its own words, its sender, and what robots are known by."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.channels.email import submitted_from_mail
from services.intake.policy import load
from shared.contracts.contract import TEXT_CHARS_MAX
from shared.errors import Invalid

RULES = load()[0].intake


def mail(text: str = "Setet kom aldri.", **headers: str) -> EmailMessage:
    """A plain mail from Ingrid."""
    made = EmailMessage()
    given_headers = {"From": "Ingrid Solheim <ingrid@example.com>", "Subject": "Klage på sete"}
    for name, value in {**given_headers, **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_a_plain_mail() -> None:
    """A mail would be read otherwise than it was written."""
    made = mail(Message_ID="<m1@example.com>", In_Reply_To="<n1@example.org>")
    read = submitted_from_mail(bytes(made), RULES)
    assert read.channel == "email"
    assert read.channel_message_id == "<m1@example.com>"
    assert (read.complainant.name, read.complainant.email) == (
        "Ingrid Solheim",
        "ingrid@example.com",
    )
    assert (read.subject, read.text) == ("Klage på sete", "Setet kom aldri.")
    assert read.in_reply_to == "<n1@example.org>"


def test_without_a_message_id_the_bytes_are_the_id() -> None:
    """A resend would be a second complaint, or two mails one."""
    ids = {submitted_from_mail(bytes(mail(t)), RULES).channel_message_id for t in ("a", "b", "a")}
    assert len(ids) == 2


def test_an_html_mail_gives_its_words() -> None:
    """The acknowledgement would quote tags, or a script be somebody's complaint."""
    made = mail()
    made.set_content(
        "<html><head><title>x</title><style>p{}</style><body><p>Hei &amp; hå!</p>"
        "<div>Tøyet er <b>feil</b>.</div><script>alert(1)</script>"
        "<blockquote>det dere skrev</blockquote>",
        subtype="html",
    )
    assert submitted_from_mail(bytes(made), RULES).text == "Hei & hå!\n\nTøyet er feil."


def test_of_two_forms_the_plain_one_is_read() -> None:
    """The same words would come twice."""
    made = mail("Hei")
    made.add_alternative("<p>Hei på HTML</p>", subtype="html")
    assert submitted_from_mail(bytes(made), RULES).text == "Hei"


QUOTES = (
    "> Hei Ingrid\n> Vi ser på saken.",
    "ons. 18. nov. 2026 kl. 10:12 skrev Kundeservice <kunde@example.com>:\n\n> gammelt",
    "Den 18.11.2026 10:12, skreiv Kundeservice:\ngammalt",
    "On Wed, 18 Nov 2026 at 10:12, Support\n<support@example.com> wrote:\nold",
    "-----Opprinnelig melding-----\nFra: Kundeservice",
    "Fra: Kundeservice <kunde@example.com>\nSendt: onsdag 18. november\nEmne: Hei\n\ngammelt",
    "Frå: Kundeservice\nSendt: onsdag\n\ngammalt",
    "From: Support\nSent: Wednesday\nTo: Ingrid\n\nold",
    "________________________________\nFra: Kundeservice",
)


@pytest.mark.parametrize("quote", QUOTES)
def test_the_quoted_thread_is_left_out(quote: str) -> None:
    """Our own words would count as the complainant's."""
    reply = mail(f"Takk, men nei.\n\n{quote}", In_Reply_To="<n1@example.org>")
    assert submitted_from_mail(bytes(reply), RULES).text == "Takk, men nei."


OWN_WORDS = (
    "Den 18. november skrev dere:\nvi sender i dag.\nDet stemte ikke.",
    "Fra: det jeg forstår er dette feil.",
    "Dere skrev at pakken kom. Den kom ikke.",
    "Fra mandag til fredag\nsendt: aldri",
)


@pytest.mark.parametrize("text", OWN_WORDS)
def test_own_words_are_never_cut(text: str) -> None:
    """Somebody who retells what we wrote would lose the complaint itself."""
    assert submitted_from_mail(bytes(mail(text)), RULES).text == text


def test_a_mail_that_is_all_quote_is_read_whole() -> None:
    """A forwarded mail would say nothing, and be turned away."""
    assert submitted_from_mail(bytes(mail("> Setet kom aldri.")), RULES).text == (
        "> Setet kom aldri."
    )


def test_a_mail_without_words_says_its_subject() -> None:
    """A picture with a subject would be turned away."""
    assert submitted_from_mail(bytes(mail(" ")), RULES).text == "Klage på sete"


def test_headers_of_robots_and_threads_are_kept_and_others_not() -> None:
    """Robots would be answered; or whom else somebody writes to be kept."""
    made = mail(Auto_Submitted="auto-replied", Received="from a by b", To="leder@example.com")
    assert set(submitted_from_mail(bytes(made), RULES).headers) == {
        "auto-submitted",
        "content-type",
    }


def test_reply_to_is_where_the_answer_goes() -> None:
    """A web form's mails would be answered to the form."""
    read = submitted_from_mail(bytes(mail(Reply_To="Kari <kari@example.com>")), RULES)
    assert read.reply_to == "kari@example.com"


def test_attachments_are_named_not_carried() -> None:
    """A picture would fill the topic, or a path lead out of a folder."""
    made = mail()
    made.add_attachment(b"\xff\xd8", maintype="image", subtype="jpeg", filename="../../sete.jpg")
    (attached,) = submitted_from_mail(bytes(made), RULES).attachments
    assert (attached.name, attached.media_type, attached.size_bytes) == (
        "../../sete.jpg",
        "image/jpeg",
        2,
    )


def test_a_charset_that_lies_is_no_reason_to_turn_away() -> None:
    """Old mail programs could not complain."""
    raw = b"From: a@example.com\nContent-Type: text/plain; charset=bogus\n\nSt\xf8rrelse\n"
    assert submitted_from_mail(raw, RULES).text == "Størrelse"


def test_a_very_long_letter_is_cut_and_says_so() -> None:
    """A long letter would be turned away whole, or cut in silence."""
    text = submitted_from_mail(bytes(mail("lang " * 20_000)), RULES).text
    assert (len(text), text[-3:]) == (TEXT_CHARS_MAX, "[…]")


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        (b"", "unreachable", "from"),
        (b"Subject: Hei\n\nHei", "unreachable", "from"),
        (b"From: <>\n\nHei", "unreachable", "from"),
        (b"From: a@example.com\n\n \n", "missing", "text"),
    ],
)
def test_what_cannot_be_answered_is_refused(raw: bytes, code: str, field: str) -> None:
    """A mail would vanish without a reason."""
    with pytest.raises(Invalid) as refused:
        submitted_from_mail(raw, RULES)
    assert (refused.value.first.code, refused.value.first.field) == (code, field)


@given(st.binary(max_size=300))
def test_no_bytes_end_the_reader(raw: bytes) -> None:
    """A mail made by hand would end the door."""
    try:
        read = submitted_from_mail(b"From: a@example.com\n" + raw, RULES)
    except Invalid:
        return
    assert read.text.strip()


NEAR_MAIL = (
    "From: ",
    "Subject: ",
    "Message-ID: ",
    "References: ",
    "Reply-To: ",
    "<a@b.no>",
    "=?utf-8?b?",
    "?=",
    "=?x?q?=E6",
    "\n",
    "\r\n",
    " ",
    '"',
    "(",
    ")",
    "<",
    ">",
    "@",
    ";",
    "Content-Type: multipart/mixed; boundary=x",
    "--x",
    "charset*=x''%ff",
    ",",
    "[",
    "\0",
)


@given(st.lists(st.sampled_from(NEAR_MAIL), max_size=40).map("".join))
def test_no_near_mail_ends_the_reader(raw: str) -> None:
    """A broken header would end the door: Python's own parser trips over some."""
    try:
        read = submitted_from_mail(f"From: a@example.com\n{raw}".encode(), RULES)
    except Invalid:
        return
    assert read.text.strip()
