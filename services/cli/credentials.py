"""Tokens of colleagues: made by whoever can read the installation's state folder."""

from services.cli.failures import BadInput
from services.cli.surroundings import settings
from services.desk.policy import FILES, DeskPolicy
from services.desk.tokens import mint_token
from shared.contracts.recoveries import SIMULATED
from shared.errors import Refused
from shared.policy import load_policy


def token_for(colleague: str) -> str:
    """A new token of a colleague of people.yaml; raises `Invalid` for anybody else."""
    policy, _ = load_policy(DeskPolicy, **FILES)
    if policy.people.named(colleague) is None:
        known = ", ".join(sorted(policy.people.names))
        raise BadInput("unknown_colleague", "COLLEAGUE", f"people.yaml has {known}")
    folder = settings().state_dir
    if not folder.is_dir():
        message = f"Nothing was ever started in {folder}."
        raise Refused("no_state", message, "Set KULANSE_STATE_DIR to where `up` runs.")
    # The demo's colleagues are named so, and so is all that they do.
    return mint_token(folder, colleague, simulated=colleague.startswith(SIMULATED))
