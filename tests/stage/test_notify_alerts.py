"""Colleagues' alerts by apprise, before a real server: told once, or lying in the outbox too."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from services.notify.app import read_policy, ways_out
from services.notify.senders.alert import Alerts
from shared.errors import Refused
from shared.settings import Settings
from shared.stage.effects import Claimed
from tests.notify_story import POLICY, Story, registered, triaged


class Team(BaseHTTPRequestHandler):
    """A colleague's chat: keeps what is posted."""

    status = 200
    said: list[dict[str, str]] = []  # noqa: RUF012 -- one server a test

    def do_POST(self) -> None:
        """Keep it, or refuse it."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.said.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the library's name
        """Say nothing."""


@contextmanager
def team(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that answers so: its address as apprise writes it, and what it was told."""
    said: list[dict[str, str]] = []
    kind = type("OneTeam", (Team,), {"status": status, "said": said})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"json://127.0.0.1:{server.server_port}/", said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def threat() -> Claimed:
    """The notice of a threat, as it leaves where alerts are set up."""
    story = Story(POLICY.model_copy(update={"alerts": True}))
    story.hears(registered(), triaged(abuse="threat", arousal="furious"))
    effect = story.effects("alert")[0]
    at = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
    return Claimed(effect.key, effect.kind, effect.complaint_id, effect.payload, 0, at)


def alerting(folder: Path, url: str) -> Settings:
    """An installation whose colleagues look there."""
    return Settings.model_validate({"state_dir": folder, "alert_urls": url})


async def test_a_threat_reaches_colleagues_and_says_nothing_of_the_complaint(
    tmp_path: Path,
) -> None:
    """A supervisor would find it in a folder; or a chat would hold the complainant's words."""
    with team() as (url, said):
        ways = ways_out(alerting(tmp_path, url), read_policy()[0])
        outcome = await ways["alert"].perform(threat())
    assert (outcome.state, outcome.detail["way"]) == ("posted", "alert")
    (alert,) = said
    assert "K-" in alert["title"] + alert["message"]
    assert "araply" not in json.dumps(alert)
    assert not (tmp_path / "outbox" / "staff").exists()


@pytest.mark.parametrize("status", [500, 404])
async def test_an_alert_that_nobody_took_lies_in_the_outbox(tmp_path: Path, status: int) -> None:
    """A threat would be told to a chat that is down, and to nobody else."""
    with team(status) as (url, _):
        ways = ways_out(alerting(tmp_path, url), read_policy()[0])
        outcome = await ways["alert"].perform(threat())
    assert (outcome.state, outcome.detail["way"]) == ("posted", "staff")
    assert len(list((tmp_path / "outbox" / "staff").iterdir())) == 1


def test_an_address_that_is_none_is_refused_without_being_told() -> None:
    """A token would stand in a log, or a wrong address be found on the day of the first threat."""
    with pytest.raises(Refused) as refused:
        Alerts(["nonsense://very-secret"])
    assert refused.value.code == "alert_url"
    assert "very-secret" not in str(refused.value)


def test_without_addresses_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    """Images would have to carry a hundred plugins for who wants none."""
    asks = "import sys, services.notify.app as a; from shared.settings import Settings; "
    asks += f"a.build(Settings(state_dir={str(tmp_path)!r})); print('apprise' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asks], capture_output=True, check=True, text=True)
    assert told.stdout.strip() == "False"
