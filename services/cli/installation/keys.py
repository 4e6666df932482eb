"""Keys and tokens of an installation: made once, kept in files that only their owner reads."""

import os
from collections.abc import Callable
from pathlib import Path

from services.cli.running import CLI_KEY, CLI_TOKEN
from shared.settings import Settings

OURS_ALONE = 0o600
# Who speaks when `kulanse cases …` is used where `up` runs: a pseudonym of people.yaml whose
# signature is good for every sum. Each colleague gets a token of her own.
WHO_RUNS_IT = "manager-eik"
SOURCE = "cli"


def keys(settings: Settings) -> tuple[str, str]:
    """The command's API key at intake's door and its token at the desk's."""
    from services.desk.tokens import mint_token
    from services.intake.doors.keys import mint_key
    from services.intake.secret import key_secret
    from shared.vault.opening import vault_secret

    key_secret(settings)  # made here, before several processes want it at once
    vault_secret(settings)
    folder = settings.state_dir
    return (
        kept(folder / CLI_KEY, lambda: mint_key(folder, SOURCE, scopes=["orders:assert"])),
        kept(folder / CLI_TOKEN, lambda: mint_token(folder, WHO_RUNS_IT)),
    )


def kept(path: Path, make: Callable[[], str]) -> str:
    """The secret in this file; made and written first when it is not there."""
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    secret = make()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OURS_ALONE)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
    return secret
