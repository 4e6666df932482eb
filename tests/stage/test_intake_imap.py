"""The mailbox door before a real Dovecot, on a port and in a folder of its own.

Debian: `apt-get install dovecot-imapd`; KULANSE_TEST_DOVECOT names another root that it lies in.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.intake.channels.email import submitted_from_mail
from services.intake.doors.mailbox import Access, emptied, opened
from services.intake.doors.problems import Turned, status_of
from services.intake.policy import load
from shared.embedded.probe import free_port
from shared.errors import Invalid, Transient
from tests.mails import people

RULES = load()[0].intake.doors.mail
ROOT = Path(os.environ.get("KULANSE_TEST_DOVECOT", "/"))
IMAP = ROOT / "usr/lib/dovecot/imap"
MAIL_UID = 1  # whose mailbox it is: "daemon"; never root
CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/log
mail_location = maildir:{here}/mail
ssl = no
disable_plaintext_auth = no
libexec_dir = {root}/usr/lib/dovecot
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
auth_mechanisms = plain xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {here}/oauth2.conf.ext
}}
passdb {{
  driver = static
  mechanisms = plain
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={here}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""

# Dovecot asks who gave the token whether it holds, as it would ask Microsoft or Google.
OAUTH2 = """
tokeninfo_url = http://127.0.0.1:{port}/token?access_token=
introspection_mode = get
username_attribute = email
"""
TOKEN = "a-token-of-the-tests"


class Issuer(BaseHTTPRequestHandler):
    """Who gave the token: knows one, of the mailbox `post`."""

    def do_GET(self) -> None:
        """Tell whose token it is."""
        holds = self.path == f"/token?access_token={TOKEN}"
        body = json.dumps({"email": "post"} if holds else {"error": "invalid_token"}).encode()
        self.send_response(200 if holds else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def issuer() -> Iterator[int]:
    """The port of who gave the token."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Issuer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield int(server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()


def users() -> dict[str, str]:
    """The package's own users; unpacked without it, some that every Debian has."""
    try:
        pwd.getpwnam("dovecot")
    except KeyError:
        names = {"internal": "daemon", "group": "daemon", "login": "nobody"}
    else:
        names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull"}
    return {"root": str(ROOT).rstrip("/"), **names}


@pytest.fixture
def here() -> Iterator[Path]:
    """A folder that Dovecot's users may pass through."""
    with tempfile.TemporaryDirectory(prefix="kulanse-dovecot-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def access(here: Path, issuer: int) -> Iterator[Access]:
    """A running Dovecot with an empty mailbox."""
    program = shutil.which("dovecot", path=f"{ROOT / 'usr/sbin'}:{os.environ['PATH']}")
    if program is None or not IMAP.exists():
        pytest.skip("Dovecot is not installed here (apt-get install dovecot-imapd)")
    if os.getuid() != 0:
        pytest.skip("Dovecot changes users, and only root may")
    port = free_port()
    config = here / "dovecot.conf"
    config.write_text(
        CONFIG.format(here=here, port=port, uid=MAIL_UID, **users()), encoding="utf-8"
    )
    (here / "oauth2.conf.ext").write_text(OAUTH2.format(port=issuer), encoding="utf-8")
    libraries = {"LD_LIBRARY_PATH": str(ROOT / "usr/lib/dovecot")}
    process = subprocess.Popen([program, "-F", "-c", str(config)], env=os.environ | libraries)
    try:
        until = time.monotonic() + 10
        while time.monotonic() < until and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield Access("imap", "127.0.0.1", port, "post", "INBOX", "secret", None)
    finally:
        process.terminate()
        process.wait(timeout=10)


def delivered(folder: Path) -> int:
    """People's mails, as a mail server leaves them in a maildir; how many."""
    new = folder / "mail" / "new"
    for part in ("new", "cur", "tmp"):
        (folder / "mail" / part).mkdir(parents=True, exist_ok=True)
    mails = people()
    for number, mail in enumerate(mails):
        (new / f"{number:04}.example").write_bytes(mail.raw)
    (new / "9999.example").write_bytes(b"Subject: nobody\n\nNobody wrote this.\n")
    for path in (folder / "mail", *(folder / "mail").rglob("*")):
        os.chown(path, MAIL_UID, MAIL_UID)
    return len(mails)


def test_a_real_mailbox_is_emptied_and_nothing_deleted(access: Access, here: Path) -> None:
    """Our reading of the protocol would hold against our own fake alone."""
    count = delivered(here)
    taken: list[str] = []

    def take(raw: bytes) -> None:
        try:
            taken.append(submitted_from_mail(raw, load()[0].intake).channel_message_id)
        except Invalid as invalid:
            raise Turned(status_of(invalid), *invalid.faults) from None

    with opened(access) as box:
        assert emptied(box, take, rules=RULES) == count
        assert box.uids() == []
    assert len(set(taken)) == count
    for folder, expected in ((RULES.taken, count), (RULES.unreadable, 1)):
        there = Access(access.scheme, access.host, access.port, "post", folder, "secret", None)
        with opened(there) as box:
            assert len(box.uids()) == expected


def test_a_token_opens_the_mailbox_and_another_one_does_not(access: Access, here: Path) -> None:
    """Mailboxes of Microsoft and Google, which take no password, would stay closed (XOAUTH2)."""
    count = delivered(here)
    token = here / "token"
    by_token = replace(access, password="", token_file=token)
    token.write_text("another-token\n", encoding="utf-8")
    with pytest.raises(Transient), opened(by_token):
        pytest.fail("a token that nobody gave opened the mailbox")
    token.write_text(f"{TOKEN}\n", encoding="utf-8")  # read anew each time: tokens end by the hour
    with opened(by_token) as box:
        assert len(box.uids()) == count + 1
