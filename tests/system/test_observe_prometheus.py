"""Prometheus beside the installation: it finds everybody, and every query of ours has an answer."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest

from shared.metrics.dashboards import dashboards
from tests.promql import rules
from tests.system.engine import why_no_containers
from tests.system.figures import say
from tests.system.stack import DOORS, STAGES, Stack
from tests.tidy.source import ROOT

SCRAPED_S_MAX, LOOK_S = 240.0, 1.0
MESSAGE = "Hei, kaffetrakteren jeg kjøpte for 399 kr i går lekker. Jeg vil ha pengene tilbake."


def queries() -> dict[str, str]:
    """Every query of ours: alerts, recorded ones, panels, pages; by where it stands."""
    found = {str(rule.get("alert", rule.get("record"))): str(rule["expr"]) for rule in _rules()}
    for page in sorted((ROOT / "docs" / "runbooks").glob("*.md")):
        blocks = re.findall(r"```promql\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
        lines = [line for block in blocks for line in block.strip().splitlines()]
        found |= {f"{page.name} {number}": line for number, line in enumerate(lines)}
    for dashboard in dashboards():
        for panel in dashboard.panels:
            for legend, query in panel.queries.items():
                found[f"{dashboard.uid}: {panel.title}: {legend}"] = query
    return found


def _rules() -> list[dict[str, object]]:
    return rules("alert") + rules("record")


@pytest.fixture(scope="module")
def prometheus(whole: tuple[Stack, object]) -> Iterator[httpx.Client]:
    """A client of a Prometheus that has seen everybody, and one complaint going through."""
    if why_no_containers():
        pytest.skip(why_no_containers())
    stack = whole[0]
    stack.compose("--profile", "observability", "up", "--detach", "--no-build", "prometheus")
    stack.kulanse("send", "--kafka", MESSAGE)
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.ports['PROMETHEUS']}") as client:
        try:
            _await_everybody(client)
            yield client
        finally:
            stack.compose("--profile", "observability", "rm", "--force", "--stop", "prometheus")


def _await_everybody(client: httpx.Client) -> None:
    began_s = time.monotonic()
    while time.monotonic() - began_s < SCRAPED_S_MAX:
        try:
            decided = asked(client, 'sum(kulanse_events_total{stage="notify"}) > 0')
            if len(up(client)) == len((*STAGES, *DOORS)) and decided:
                say(f"Prometheus saw every process {time.monotonic() - began_s:.0f} s after `up`")
                return
        except httpx.HTTPError:
            pass
        time.sleep(LOOK_S)
    pytest.fail(f"not seen: { {*STAGES, *DOORS} - up(client) }")


def asked(client: httpx.Client, query: str) -> list[dict[str, object]]:
    """The answer to a query; fails when Prometheus does not understand it."""
    said = client.get("/api/v1/query", params={"query": query}).json()
    assert said["status"] == "success", said
    found: list[dict[str, object]] = said["data"]["result"]
    return found


def up(client: httpx.Client) -> set[str]:
    """The services that answer it."""
    return set(re.findall(r"'service': '([\w-]+)'", str(asked(client, 'up{job="kulanse"} == 1'))))


def test_everybody_is_found(prometheus: httpx.Client) -> None:
    """A service that nobody asks would be down for days before a person says so."""
    assert up(prometheus) == {*STAGES, *DOORS}
    ready = asked(prometheus, "count by (stage) (kulanse_ready == 1)")
    assert len(ready) == len(STAGES)


def test_every_query_is_understood(prometheus: httpx.Client) -> None:
    """A panel, an alert or a page would ask for nothing, and nobody would know."""
    found = {where: len(asked(prometheus, query)) for where, query in queries().items()}
    answered = sum(1 for count in found.values() if count)
    say(f"{len(found)} queries understood by the live Prometheus, {answered} with an answer")
    assert found


def test_prometheus_runs_the_rules(prometheus: httpx.Client) -> None:
    """Rules that fail to evaluate never fire."""
    groups = prometheus.get("/api/v1/rules").json()["data"]["groups"]
    state = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    assert set(state) == {str(rule.get("alert", rule.get("record"))) for rule in _rules()}
    assert {name: health for name, health in state.items() if health == "err"} == {}


def test_nobody_is_woken_by_a_quiet_installation(prometheus: httpx.Client) -> None:
    """An alarm that always rings is switched off."""
    firing = asked(prometheus, 'ALERTS{alertstate="firing",severity="page"}')
    assert firing == []


def test_what_goes_through_is_counted(prometheus: httpx.Client) -> None:
    """The numbers of a live installation would stay at 0, whatever the tests in memory say."""
    for query in (
        'kulanse_events_total{stage="triage",type="kulanse.complaint.registered.v1"} >= 1',
        'kulanse_complaint_seconds_count{stage="notify",milestone="acknowledged"} >= 1',
        'kulanse_stage_seconds_count{stage="recovery"} >= 1',
        'sum(kulanse_effects{stage="notify",kind!="timer",state="posted"}) >= 1',
        "kulanse_ledger_up == 1",
        "process_resident_memory_bytes > 0",
    ):
        assert (query, _answered(prometheus, query)) == (query, True)


def _answered(client: httpx.Client, query: str) -> bool:
    """Whether it has an answer, by the time that the ledgers were asked and the answer scraped."""
    began_s = time.monotonic()
    while not asked(client, query):
        if time.monotonic() - began_s > SCRAPED_S_MAX:
            return False
        time.sleep(LOOK_S)
    return True
