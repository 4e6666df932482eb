"""`docker compose up`, from nothing: healthy, hardened, and closed but for two doors."""

import json

import pytest
from packaging.utils import canonicalize_name

from tests.supply import entries, lock_text
from tests.system.conftest import AtRest
from tests.system.engine import docker
from tests.system.figures import say
from tests.system.stack import DOORS, KEEPERS, RUNNING, STAGES, Stack

OURS = (*STAGES, *DOORS)
IMAGES = (*STAGES, "ops")
IMAGE_BYTES_MAX = 250_000_000
ROOM = 0.6  # of its limit, at most, when nothing happens: a batch needs the rest

LOOK_INSIDE = """
import json, os, pathlib
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
def written(path):
    try:
        pathlib.Path(path, "probe").write_text("x")
    except OSError as error:
        return error.errno
    return 0
files = (p for p in pathlib.Path("/app").rglob("*") if p.is_file())
setuid = [str(p) for p in files if p.stat().st_mode & 0o6000]
print(json.dumps({
    "uid": os.getuid(), "rights": int(status["CapEff"], 16), "new": status["NoNewPrivs"].strip(),
    "root": written("/"), "app": written("/app"), "tmp": written("/tmp"), "setuid": setuid,
    "services": sorted(p.name for p in pathlib.Path("/app/services").glob("[a-z]*/")),
}))
"""

TRY_ROWS = """
import psycopg
from shared.settings import Settings
url = Settings().database_url.replace("+psycopg", "")
with psycopg.connect(url, options="-c search_path=SCHEMA") as db:
    print(db.execute("SELECT count(*) >= 0 FROM history").fetchone()[0])
    try:
        db.execute(WISH)
    except psycopg.errors.InsufficientPrivilege as error:
        print(error.sqlstate)
"""


def test_healthy_from_nothing(rest: AtRest) -> None:
    """`docker compose up -d --wait` would end with something that is not ready."""
    say(f"images built in {rest.build_s:.0f} s, all healthy {rest.up_s:.0f} s after `up`")
    assert set(rest.memory_mib) == set(RUNNING)


def test_host_shows_two_doors_on_loopback(stack: Stack, rest: AtRest) -> None:
    """A broker, a database or a metrics page would answer strangers."""
    doors = {("127.0.0.1", stack.ports["INTAKE"]), ("127.0.0.1", stack.ports["DESK"])}
    assert (rest.published, rest.listens) == (doors, doors)


def test_each_has_room_in_its_limit(stack: Stack, rest: AtRest) -> None:
    """A container would be killed by the first big batch, or its limit would limit nothing."""
    limits = {
        name: int(stack.inspect(name, "{{.HostConfig.Memory}}")[0]) / 2**20 for name in RUNNING
    }
    for name, used in sorted(rest.memory_mib.items()):
        say(f"{name:<12} {used:6.0f} MiB at rest, limit {limits[name]:.0f}")
    tight = {n for n, used in rest.memory_mib.items() if not used < ROOM * limits[n]}
    assert tight == set()


@pytest.mark.parametrize("name", IMAGES)
def test_image_is_small(built: float, name: str) -> None:
    """Whoever pulls it would wait, and whoever scans it would read on."""
    size = int(docker("image", "inspect", "-f", "{{.Size}}", f"kulanse/{name}:dev"))
    say(f"kulanse/{name}: {size / 1e6:.0f} MB")
    assert size <= IMAGE_BYTES_MAX


@pytest.mark.parametrize("name", IMAGES)
def test_image_says_what_is_in_it(built: float, name: str) -> None:
    """Nobody could tell which images a newly found hole concerns, or what runs where."""
    image = f"kulanse/{name}:dev"
    words = ["run", "--rm", "--network", "none", "--entrypoint", "cat", image]
    told = json.loads(docker(*words, "/app/doc/sbom.cdx.json"))["components"]
    listed = {(canonicalize_name(each["name"]), each["version"]) for each in told}
    locked = list(entries(lock_text("services")))
    assert {(each.name, each.version) for each in locked if not each.marker} <= listed
    assert listed <= {(each.name, each.version) for each in locked}
    labels = json.loads(docker("image", "inspect", "-f", "{{json .Config.Labels}}", image))
    said = {key.rpartition(".")[2]: value for key, value in labels.items()}
    assert (said["version"], said["licenses"]) == ("dev", "Apache-2.0")


@pytest.mark.parametrize("service", OURS)
def test_no_rights_inside(stack: Stack, service: str) -> None:
    """Whoever breaks into a container would be root there, or leave something behind."""
    found = json.loads(stack.python(service, LOOK_INSIDE))
    # The console decides anew by every service's core, with the desk's logins alone.
    every = ["cli", "desk", "intake", "notify", "recovery", "triage"]
    code = every if service == "desk-door" else [service.removesuffix("-door")]
    assert found == {
        "uid": 10001,
        "rights": 0,
        "new": "1",
        "root": 30,
        "app": 30,
        "tmp": 0,
        "setuid": [],
        "services": code,
    }


@pytest.mark.parametrize("service", RUNNING)
def test_every_container_is_fenced(stack: Stack, service: str) -> None:
    """One that runs wild would take the host with it, or gain rights that it was not given."""
    form = "{{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}}"
    found = stack.inspect(service, form + " {{.HostConfig.RestartPolicy.Name}}")
    processes_max = stack.inspect(service, "{{.HostConfig.PidsLimit}}")[0]
    assert found == ["[ALL] [no-new-privileges:true] unless-stopped"]
    assert int(processes_max) > 0


@pytest.mark.parametrize("service", OURS)
def test_no_secret_in_the_environment(stack: Stack, service: str) -> None:
    """Every crash report and every `docker inspect` would show a password."""
    told = stack.inspect(service, "{{json .Config.Env}}")[0].lower()
    held = [word for word in ("password", "secret=", "postgresql", "token") if word in told]
    assert held == []


def test_a_container_sees_its_own_secrets(stack: Stack) -> None:
    """Breaking into triage would give away where the money is booked."""
    script = "import os; print(*sorted(n for n in os.listdir('/run/kulanse') if n[0] != '.'))"
    found = {service: stack.python(service, script).split() for service in ("triage", "recovery")}
    assert found == {
        "triage": ["database_url", "kafka_password", "vault_secret"],
        "recovery": ["database_url", "kafka_password", "vault_secret"],
    }
    assert stack.secret("triage", "database_url") != stack.secret("recovery", "database_url")


@pytest.mark.parametrize(
    "wish",
    ["SELECT 1 FROM recovery.effects", "CREATE TABLE mine (x int)", "DROP TABLE triage.history"],
)
def test_a_login_has_its_own_rows_and_no_more(stack: Stack, wish: str) -> None:
    """A fault in triage could read what was paid, or drop its own history."""
    script = TRY_ROWS.replace("SCHEMA", "triage").replace("WISH", repr(wish))
    assert stack.python("triage", script).split() == ["True", "42501"]


@pytest.mark.parametrize(
    "wish",
    [
        "SELECT 1 FROM recovery.effects",
        "SELECT 1 FROM desk.events",
        "DELETE FROM vault.keys",
        "UPDATE vault.files SET sealed = sealed",
    ],
)
def test_a_door_has_the_rows_of_intake_and_no_more(stack: Stack, wish: str) -> None:
    """The process that anybody may write to would read what was paid, or take a key away."""
    script = TRY_ROWS.replace("SCHEMA", "intake").replace("WISH", repr(wish))
    assert stack.python("intake-door", script).split() == ["True", "42501"]


def test_what_keeps_data_has_a_volume(stack: Stack) -> None:
    """Everything would be gone with the container."""
    form = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Destination}} {{end}}{{end}}'
    found = {name: stack.inspect(name, form)[0].split() for name in KEEPERS}
    assert "/var/lib/kafka/data" in found["kafka"]
    assert "/var/lib/postgresql/data" in found["postgres"]


def test_every_volume_has_a_name(stack: Stack) -> None:
    """`down --volumes` would leave some behind, and nobody could tell whose they were."""
    form = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}'
    names = [
        name for each in RUNNING for line in stack.inspect(each, form) for name in line.split()
    ]
    assert [name for name in names if not name.startswith(stack.name)] == []
