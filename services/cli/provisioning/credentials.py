"""Keys of intake's door and tokens of the desk's, where the doors are containers of their own."""

from collections.abc import Iterable
from pathlib import Path
from typing import get_args

from services.cli.failures import BadInput
from services.cli.installation.keys import SOURCE, WHO_RUNS_IT, kept
from services.cli.policies import desk_policy
from services.cli.running import CLI_KEY, CLI_TOKEN, MYSTERY_KEY
from services.desk.tokens import mint_token
from services.intake.doors.keys import mint_key
from services.intake.policy import VOUCHES, Scope
from shared.contracts.submitted import SYNTHETIC_SOURCE


def command_s_own(folder: Path, doors: Path) -> None:
    """The keys and the token with which `kulanse` itself calls; made once, kept in `folder`."""
    kept(folder / CLI_KEY, lambda: mint_key(doors / "intake", SOURCE, scopes=[VOUCHES]))
    kept(folder / MYSTERY_KEY, lambda: mint_key(doors / "intake", SYNTHETIC_SOURCE, scopes=[]))
    kept(folder / CLI_TOKEN, lambda: mint_token(doors / "desk", WHO_RUNS_IT))


def key_for(source: str, doors: Path, *, scopes: Iterable[str]) -> str:
    """A new key of a source; raises `Invalid` for a scope that is none."""
    known: tuple[Scope, ...] = get_args(Scope)
    for scope in scopes:
        if scope not in known:
            raise BadInput("unknown_scope", "--scope", f"there is {', '.join(known)}")
    return mint_key(doors / "intake", source, scopes=[s for s in known if s in scopes])


def desk_token_for(colleague: str, doors: Path) -> str:
    """A new token of a colleague of people.yaml; raises `Invalid` for anybody else."""
    people = desk_policy()[0].people
    if people.named(colleague) is None:
        known = ", ".join(sorted(people.names))
        raise BadInput("unknown_colleague", "COLLEAGUE", f"people.yaml has {known}")
    return mint_token(doors / "desk", colleague)
