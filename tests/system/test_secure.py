"""`compose.secure.yaml`: nobody speaks in the clear, and each login does what it must, no more."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contracts.rights import READS, rights
from shared.contracts.topics import TOPICS
from tests.system.engine import docker, tried
from tests.system.stack import BASE, RUNNING, Stack, installation

pytestmark = pytest.mark.long
TRESPASS = Path(__file__).parent / "trespass.py"
LOGINS = tuple(READS)
# Nobody answers there: it is asked when somebody signs in, and not before.
PROVIDER = (
    "KULANSE_DESK_URL=https://desk.example.com",
    "KULANSE_OIDC_ISSUER=https://id.example.com",
    "KULANSE_OIDC_CLIENT_ID=kulanse-console",
)
SECRET = "hemmelig"


@pytest.fixture(scope="module")
def secure(built: float, folder: Path) -> Iterator[Stack]:
    """An installation with logins, up."""
    (folder / "secure").mkdir()
    files = (BASE, "compose.secure.yaml")
    with installation(folder / "secure", *files, knobs=PROVIDER) as made:
        (folder / "secure" / "given" / "desk.oidc_client_secret").write_text(SECRET)
        made.up()
        yield made


def _inside(stack: Stack, *words: str) -> list[str]:
    """`docker run …` among the containers, with every login's secrets."""
    volumes = {f"{stack.name}_secrets-{name}": f"/secrets/{name}" for name in LOGINS}
    volumes |= {f"{stack.name}_kafka-ca": "/run/kafka-ca", str(TRESPASS): "/trespass.py"}
    mounts = [word for name, place in volumes.items() for word in ("-v", f"{name}:{place}:ro")]
    network = ["--network", f"{stack.name}_inside"]
    return ["run", "--rm", *network, *mounts, "--entrypoint", "python", "kulanse/ops:dev", *words]


def test_every_part_logs_in(secure: Stack) -> None:
    """A service would have no way to its topics, and nobody could turn this on."""
    secure.healthy(RUNNING)
    assert secure.kulanse("send", "Hei, kaffetrakteren min lekker.") != ""


def test_a_companys_provider_may_vouch(secure: Stack) -> None:
    """Its settings or its secret never reach the console, or nobody can say whose an account is."""
    page = secure.python(
        "desk-door",
        "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8090/sign-in').read())",
    )
    assert "/sign-in/provider?" in page
    assert secure.secret("desk", "oidc_client_secret") == SECRET
    bound = secure.kulanse("console", "bind", "agent-bjork", "8f14e45f-ea2a", "--json")
    assert json.loads(bound)["binding"] == "set"


def test_each_login_may_do_what_its_service_does(secure: Stack) -> None:
    """Whoever has triage's password could sign for people, pay, or read what others wrote."""
    names = [topic.name for topic in TOPICS]
    said = docker(*_inside(secure, "/trespass.py", json.dumps([LOGINS, names])))
    found = json.loads(said)
    wanted: dict[str, dict[str, set[str]]] = {
        name: {"read": set(), "write": set(), "create": set()} for name in LOGINS
    }
    for right in rights():
        if right.resource == "topic" and right.principal in wanted:
            wanted[right.principal][right.operation].add(right.name)
    assert {n: {verb: set(t) for verb, t in each.items()} for n, each in found.items()} == wanted


@pytest.mark.parametrize(
    "spoken", ["in the clear", "with a wrong password", "without knowing who vouches"]
)
def test_strangers_are_not_let_in(secure: Stack, spoken: str) -> None:
    """Whoever is in the network could read every complaint."""
    settings = {
        "in the clear": "KULANSE_KAFKA_SECURITY=plaintext",
        "with a wrong password": "KULANSE_KAFKA_PASSWORD=a-guess",
        "without knowing who vouches": "KULANSE_KAFKA_CA_FILE=",
    }
    script = (
        "import asyncio\n"
        "from aiokafka.admin import AIOKafkaAdminClient\n"
        "from shared.broker_access import access\n"
        "from shared.settings import Settings\n"
        "async def call():\n"
        "    admin = AIOKafkaAdminClient(**access(Settings()), request_timeout_ms=4000)\n"
        "    await asyncio.wait_for(admin.start(), 8)\n"
        "asyncio.run(call())\n"
    )
    triage = secure.containers("triage")[0]
    done = tried("exec", "-e", settings[spoken], triage, "python", "-c", script)
    refused = ("KafkaConnectionError", "TimeoutError", "AuthenticationFailedError")
    assert done.returncode != 0
    assert any(word in done.stderr for word in refused), done.stderr
