"""What lies in the log, open for whoever may: the installation's vault, where there is one."""

from collections.abc import Iterable

from services.desk.stored import readable
from shared.contracts.contract import Contract
from shared.contracts.envelope import Event
from shared.settings import Settings
from shared.stage.sealing import UNSEALED, Seals
from shared.vault.opening import FILE, open_vault


def vault_of(settings: Settings) -> Seals:
    """The vault; or none, where no secret of one lies here: then nothing is opened."""
    return open_vault(settings, "cli", gone={}) if has_vault(settings) else UNSEALED


def has_vault(settings: Settings) -> bool:
    """Whether a secret of a vault lies here."""
    given = settings.vault_secret.get_secret_value()
    return bool(given) or (settings.state_dir / FILE).exists()


def opened(vault: Seals, events: Iterable[Event[Contract]]) -> list[Event[Contract]]:
    """The same events, open where their keys are still there now."""
    found = list(events)
    vault.know_keys({event.key for event in found})
    return [readable(event, vault) for event in found]
