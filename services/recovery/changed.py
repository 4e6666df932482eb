"""The policy in force with one file of it changed: what is tried on past decisions."""

from pathlib import Path

from services.recovery.policy import Policy, Recovery, Regime, load
from shared.errors import Refused
from shared.people import People
from shared.policy import read_policy_as, read_policy_content


def with_changed(file: Path) -> Policy:
    """The policy in force, but for another `recovery.yaml`, `people.yaml` or regime.

    What it is, its content tells; a regime takes the place of the one with its file's name.
    Raises `Refused`.
    """
    return with_content(read_policy_content(file), name=file.stem, where=str(file))


def with_content(content: object, *, name: str, where: str) -> Policy:
    """The same, of what was read already; `name` is a regime's, `where` for the errors."""
    known, _ = load()
    found = content if isinstance(content, dict) else {}
    if "people" in found:
        people = read_policy_as(People, content, where=where)
        return known.model_copy(update={"people": people})
    if "rules" not in found:
        recovery = read_policy_as(Recovery, content, where=where)
        return known.model_copy(update={"recovery": recovery})
    if name not in known.recovery.regimes:
        names = ", ".join(known.recovery.regimes)
        message = f"{where}: no regime of this name is asked; there are {names}."
        raise Refused("no_such_regime", message, "Name the file as the one it would replace.")
    regimes = {**known.regimes, name: read_policy_as(Regime, content, where=where)}
    return known.model_copy(update={"regimes": regimes})
