"""Every alert asks for what is counted, has a page that was tried, and fires when it should."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.promql import PROMETHEUS, rules, wrong_in
from tests.tidy.source import ROOT

RUNBOOKS = ROOT / "docs" / "runbooks"
HEADINGS = ("## Who waits", "## Look", "## Mend", "## Afterwards")
ALERTS = {str(rule["alert"]): rule for rule in rules("alert")}
TESTS = PROMETHEUS / "tests" / "alerts.yaml"


def promtool() -> str:
    """Where promtool is; skips the test where there is none."""
    found = os.environ.get("PROMTOOL") or shutil.which("promtool")
    for path in (ROOT / ".venv" / "promtool" / "usr" / "bin" / "promtool",):
        found = found or (str(path) if path.exists() else None)
    if not found:
        pytest.skip("no promtool: deploy/prometheus/promtool fetches Debian's, or set PROMTOOL")
    return found


def pages() -> list[Path]:
    """The runbooks."""
    return sorted(page for page in RUNBOOKS.glob("*.md") if page.name != "README.md")


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_who_is_woken_and_what_to_do(name: str) -> None:
    """Somebody would be woken at night by a name."""
    rule = ALERTS[name]
    labels, notes = rule["labels"], rule["annotations"]
    assert isinstance(labels, dict)
    assert isinstance(notes, dict)
    assert labels["severity"] in ("page", "ticket")
    assert notes["summary"].endswith(".")
    page = ROOT / notes["runbook"]
    assert f"`{name}`" in page.read_text(encoding="utf-8"), f"{page.name} does not name it"
    listed = (RUNBOOKS / "README.md").read_text(encoding="utf-8")
    assert re.search(rf"\b{name}\b.*\({page.name}\)", listed), "the list of pages leaves it out"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_its_test(name: str) -> None:
    """A rule that never fires looks like a quiet night."""
    expected = [
        sample["labels"]
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for asked in test["promql_expr_test"]
        for sample in asked["exp_samples"]
    ]
    exprs = [
        asked["expr"]
        for test in yaml.safe_load(TESTS.read_text())["tests"]
        for asked in test["promql_expr_test"]
        if asked["exp_samples"]
    ]
    assert any(f'"{name}"' in text for text in (*expected, *exprs))


@pytest.mark.parametrize(
    "rule", rules("alert") + rules("record"), ids=lambda r: str(next(iter(r.values())))
)
def test_a_rule_asks_for_what_is_counted(rule: dict[str, object]) -> None:
    """A metric that was renamed would make its alert silent for ever."""
    assert list(wrong_in(str(rule["expr"]))) == []


def test_a_wrong_name_and_a_wrong_label_are_found() -> None:
    """The check above could not fail."""
    assert list(wrong_in('sum(kulanse_typo) > kulanse_ready{colour="red"}')) == [
        "kulanse_typo is in no catalogue",
        "kulanse_ready has no label colour",
    ]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_says_who_waits_where_to_look_and_what_mends(page: Path) -> None:
    """Whoever is woken would have to read it all to find what to do."""
    text = page.read_text(encoding="utf-8")
    assert [h for h in HEADINGS if h not in text] == []
    assert any(str(rule).endswith(page.name) for rule in _runbooks()), "no alert leads here"
    for query in re.findall(r"```promql\n(.*?)```", text, re.DOTALL):
        for line in query.strip().splitlines():
            assert list(wrong_in(line)) == []


def _services_in(line: str) -> set[str]:
    """The services that a `docker compose` line names."""
    verb, *words = [word for word in line.split()[2:] if not word.startswith("-")]
    named = [word.partition("=")[0] for word in words if not word.isdecimal()]
    return set(named[:1] if verb == "exec" else named)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_page_names_services_that_there_are(page: Path) -> None:
    """Compose would answer "no such service", at night."""
    there = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    named = [_services_in(line) for line in lines if line.startswith("docker compose ")]
    assert set().union(*named) - there == set()


def _runbooks() -> list[str]:
    texts = [str(rule["annotations"]) for rule in rules("alert")]
    return [found[1] for text in texts if (found := re.search(r"'runbook': '([^']+)'", text))]


def test_prometheus_takes_the_files() -> None:
    """Prometheus would not start, at the next restart, at night."""
    done = subprocess.run(
        [promtool(), "check", "config", str(PROMETHEUS / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_fire_when_they_should_and_only_then() -> None:
    """Nobody would be woken, or everybody, always."""
    done = subprocess.run(
        [promtool(), "test", "rules", str(TESTS)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
