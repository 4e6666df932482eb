"""What README and guide say that this host listens on is what the compose file publishes."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = re.compile(r"\$\{\w+:-([^}]+)\}")
ADDRESS = re.compile(r"127\.0\.0\.1:\d+")


def published(*, profiles: bool) -> set[str]:
    """Address and port on the host, by default; of services in a profile, or of the others."""
    whole = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    services = [s for s in whole["services"].values() if ("profiles" in s) is profiles]
    lines = [str(line) for service in services for line in service.get("ports", ())]
    return {DEFAULT.sub(r"\1", line).rpartition(":")[0] for line in lines}


def test_the_readme_names_what_listens() -> None:
    """Ops would leave a door open that nobody told of, or look for one that is not there."""
    assert set(ADDRESS.findall((ROOT / "README.md").read_text("utf-8"))) == published(
        profiles=False
    )


def test_the_guide_names_what_listens() -> None:
    """The table would be of another installation."""
    page = (ROOT / "docs" / "guides" / "compose.md").read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| 127")}
    assert rows == published(profiles=False)
    assert published(profiles=True) <= set(ADDRESS.findall(page))
