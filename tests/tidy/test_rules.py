"""Every house rule holds for every file, and every rule is able to fail."""

import pytest

from tests.tidy.rules import RULES, Rule
from tests.tidy.source import Source, paths, sources


@pytest.mark.parametrize(
    "rule", {rule.check: rule for rule in RULES}.values(), ids=lambda r: r.name
)
def test_every_file_keeps(rule: Rule) -> None:
    """A house rule would be a wish."""
    under = [source for source in sources() if rule.holds_for.search(source.path)]
    found = [finding for source in under for finding in rule.check(source)]
    assert found == [], "\n".join(["", *found])


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_rule_finds_what_breaks_it(rule: Rule) -> None:
    """A rule that cannot fail would hold nothing."""
    assert len(list(rule.check(Source(rule.path, rule.bad)))) == 1


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.good != rule.bad], ids=lambda r: r.name
)
def test_rule_lets_good_code_pass(rule: Rule) -> None:
    """A rule that cries wolf would be switched off."""
    assert list(rule.check(Source(rule.path, rule.good))) == []


def folders_without_readme(files: list[str]) -> list[str]:
    """Name the services that have an app and no README.md."""
    apps = [path for path in files if path.startswith("services/") and path.endswith("/app.py")]
    folders = [path.removesuffix("/app.py") for path in apps]
    return [folder for folder in folders if f"{folder}/README.md" not in files]


def test_every_service_has_a_readme() -> None:
    """A service would stand there without saying what it reads, writes, keeps and lets you set."""
    assert folders_without_readme(paths()) == []


def test_a_service_without_a_readme_is_found() -> None:
    """The rule above could not fail."""
    files = ["services/triage/app.py", "services/notify/app.py", "services/notify/README.md"]
    assert folders_without_readme(files) == ["services/triage"]
