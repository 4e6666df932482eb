"""`compose.external.yaml`: a company's own Kafka, Postgres, relay and proxy, as its guide says."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.contracts.topics import NOTIFICATIONS
from tests.system.engine import docker
from tests.system.guides import GUIDES
from tests.system.stack import BASE, DOORS, STAGES, Stack, installation

pytestmark = pytest.mark.long
PROXY = "http://proxy.example.com:3128"
KNOBS = (
    "KULANSE_BOOTSTRAP=kafka:9092",
    "KULANSE_SMTP_URL=smtp://relay.example.com:1025",
    f"HTTPS_PROXY={PROXY}",
)
SQL = re.compile(r"(?ms)^```sql\n(.*?)^```$")


@pytest.fixture(scope="module")
def company(built: float, folder: Path) -> Iterator[Stack]:
    """What a company runs already: a broker, a database, a mail relay; nothing of ours."""
    (folder / "company").mkdir()
    with installation(folder / "company") as made:
        made.up("kafka", "postgres")
        made.compose("--profile", "dev", "up", "--detach", "--wait", "--no-deps", "maildev")
        yield made


@pytest.fixture(scope="module")
def guest(company: Stack, folder: Path) -> Iterator[Stack]:
    """Kulanse beside it, with what the administrators gave out."""
    (folder / "guest").mkdir()
    external = (BASE, "compose.external.yaml")
    with installation(folder / "guest", *external, knobs=KNOBS) as made:
        given = folder / "guest" / "given"
        for name in STAGES:
            _administrator_makes(company, name)
            address = f"postgresql+psycopg://kulanse_{name}:word-{name}@postgres:5432/kulanse"
            (given / f"{name}.database_url").write_text(address)
        made.compose("create", "--no-build")
        _neighbours(company, made)
        made.up()
        yield made


def _administrator_makes(company: Stack, name: str) -> None:
    """The commands of the guide, with the names filled in."""
    page = (GUIDES / "external.md").read_text(encoding="utf-8")
    script = SQL.findall(page)[0].replace("SERVICE", name).replace("PASSWORD '", "PASSWORD 'word-")
    script = script.replace("word-PASSWORD", f"word-{name}")
    words = ["exec", "-T", "postgres", "psql", "-U", "kulanse", "-v", "ON_ERROR_STOP=1", "kulanse"]
    if name == "intake":
        script += SQL.findall(page)[1]
    company.compose(*words, given=script)


def _neighbours(company: Stack, guest: Stack) -> None:
    """The company's hosts can be reached from ours, by their names."""
    reached = {"kafka": ("inside", "kafka"), "postgres": ("data", "postgres")}
    reached["maildev"] = ("outside", "relay.example.com")
    for service, (network, alias) in reached.items():
        host = company.compose("--profile", "*", "ps", "--quiet", service).strip()
        docker("network", "connect", "--alias", alias, f"{guest.name}_{network}", host)


def test_none_of_ours_runs(guest: Stack) -> None:
    """Complaints would go to a broker that nobody looks at."""
    running = set(guest.compose("ps", "--services").split())
    assert running == {*STAGES, *DOORS}


def test_no_login_of_ours_was_made(company: Stack, guest: Stack) -> None:
    """The company's administrator would find users that she did not make."""
    asked = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'kulanse\\_%' ORDER BY 1"
    words = ["exec", "-T", "postgres", "psql", "-U", "kulanse", "-Atc", asked, "kulanse"]
    assert company.compose(*words).split() == sorted(f"kulanse_{name}" for name in STAGES)


def test_a_complaint_goes_all_the_way(company: Stack, guest: Stack) -> None:
    """The company's broker, database or relay could not be used."""
    guest.kulanse(
        "send",
        "--from",
        "kari@example.com",
        "--json",
        "Hei, kaffetrakteren min lekker. Den kostet 499 kr.",
    )
    guest.healthy((*STAGES, *DOORS))
    words = ["tail", NOTIFICATIONS.name, "--from-start", "--no-follow", "--json"]
    told = [json.loads(line) for line in _until_told(guest, words)]
    assert {each["type"] for each in told} >= {"kulanse.notification.requested.v1"}
    sender, text = _at_the_relay(company)
    assert sender == "kundeservice@example.com"
    assert "kaffetrakteren" in text


def _at_the_relay(company: Stack) -> tuple[str, str]:
    """The first mail that the relay has taken, by its own account: from whom, and what."""
    for _ in range(60):
        said = httpx.get(f"http://127.0.0.1:{company.ports['MAILDEV']}/email")
        if found := said.raise_for_status().json():
            return str(found[0]["from"][0]["address"]), str(found[0]["text"])
        time.sleep(1)
    pytest.fail("no mail ever reached the company's relay")


def _until_told(guest: Stack, words: list[str]) -> list[str]:
    for _ in range(20):
        found = guest.kulanse(*words).splitlines()
        if found:
            return found
    return []


# What a firewall's proxy hears of a call; it lets nobody through.
LISTENS = """
import socketserver
class Heard(socketserver.StreamRequestHandler):
    def handle(self):
        print(self.rfile.readline().decode().strip(), flush=True)
        self.wfile.write(b"HTTP/1.1 502 Bad Gateway\\r\\ncontent-length: 0\\r\\n\\r\\n")
socketserver.ThreadingTCPServer(("", 3128), Heard).serve_forever()
"""
ASKS = """
import asyncio
from datetime import UTC, datetime
import stripe
from services.recovery.gestures.stripe import Stripe
async def ask():
    try:
        async for _ in Stripe("sk_test_of_nobody").made(datetime.now(UTC)):
            pass
    except stripe.StripeError as error:
        print(type(error).__name__)
asyncio.run(ask())
"""


@pytest.fixture
def proxy(guest: Stack) -> Iterator[str]:
    """The company's proxy, under its name, by its container."""
    words = ("--network", f"{guest.name}_outside", "--network-alias", "proxy.example.com")
    image = ("python:3.13-slim-trixie", "python", "-c", LISTENS)
    made = docker("run", "--detach", "--rm", *words, *image).strip()
    yield made
    docker("rm", "--force", made)


def test_the_payment_provider_is_called_through_the_proxy(guest: Stack, proxy: str) -> None:
    """Calls of the payment provider would end at the firewall."""
    assert guest.python("recovery", ASKS) == "APIConnectionError"
    assert docker("logs", proxy).strip() == "CONNECT api.stripe.com:443 HTTP/1.1"


def test_calls_among_ours_never_go_through_the_proxy(guest: Stack) -> None:
    """A complaint's words would pass a machine that is not ours to trust."""
    script = "import os; print('intake-door' in os.environ['NO_PROXY'])"
    assert guest.python("recovery", script) == "True"
