"""`docs/reference/settings.md`, from `Settings`: `python -m services.cli.settings_page`."""

from pathlib import Path
from typing import get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from services.cli.envfile import NAMES, PREFIX
from services.cli.provisioning.files import GIVEN_ONLY
from shared.settings import STATE_DIR, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
# Secrets that the job `secrets` makes where nobody gives one.
MADE = ("database_url", "kafka_password", "key_secret", "link_secret", "vault_secret")
# What the compose files and the images say themselves: it fits their networks and volumes.
SET = (
    *("kafka_username", "state_dir", "http_host", "http_port"),
    *("intake_host", "desk_host"),
)
NOT_THERE = {
    "stripe_url": "not there: for tests",
    "imap_token_file": "not there: mount your own file and name it in an overlay of yours",
}
HEAD = """\
# Settings

Made by `python -m services.cli.settings_page` from `shared/settings.py`; a test holds the two
together. Every program reads them from its environment; an empty one is as if it were not there. A
secret may lie in a file instead, by its small name (`key_secret`) in the folder that
`KULANSE_SECRETS_DIR` names; the environment wins.

*In Compose* says how it is set there: a knob of [`.env`](../../.env.example), a file in
[`deploy/secrets`](../../deploy/secrets/README.md), or by the compose files themselves.
"""


def is_secret(field: FieldInfo) -> bool:
    """Whether its words must not be shown."""
    return SecretStr in (field.annotation, *get_args(field.annotation))


def in_compose(name: str) -> str:
    """How it is set in containers; raises `KeyError` for a setting that cannot be."""
    files = [f"`{file}`" for file in GIVEN_ONLY if file.partition(".")[2] == name]
    ways = [f"`{NAMES[name]}`"] if name in NAMES else []
    made = ["a file, made at the first start"] if name in MADE else []
    ways += files or made
    if name in SET:
        ways.append("by the compose files")
    return " or ".join(ways) or NOT_THERE[name]


def render() -> str:
    """The whole page."""
    head = "| setting | when it is empty | meaning | in Compose |\n|---|---|---|---|"
    rows = "\n".join(_row(name, field) for name, field in Settings.model_fields.items())
    return f"{HEAD}\n{head}\n{rows}\n"


def _row(name: str, field: FieldInfo) -> str:
    default = "" if is_secret(field) or field.default is None else str(field.default)
    shown = default.replace(str(STATE_DIR), "~/.local/state/kulanse")
    usual = f"`{shown}`" if shown else "nothing"
    said = field.description or ", ".join(get_args(field.annotation))
    return f"| `{PREFIX}{name.upper()}` | {usual} | {said} | {in_compose(name)} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
