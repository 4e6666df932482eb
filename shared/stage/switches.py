"""Which switches are off: what `kulanse pause` and `resume` last said, as every process knows it.

Decisions go on whatever is paused; only the way out is held. `controls.py` keeps this up to date.
"""

from datetime import datetime

from shared.contracts.controls import KeyForgotten, Switch, SwitchSet


class Switches:
    """The newest word on each switch, in the order of the log. What nobody set is on."""

    def __init__(self) -> None:
        """Nothing is paused."""
        self._newest: dict[Switch, SwitchSet] = {}
        # Keys of the vault that were destroyed, and when: a restored table knows nothing of it.
        self.gone: dict[str, datetime] = {}

    def take(self, word: SwitchSet) -> bool:
        """Somebody's word, whatever was said before; whether it changed anything."""
        before = self.paused(word.switch)
        self._newest[word.switch] = word
        return word.paused != before

    def forget(self, word: KeyForgotten) -> None:
        """A key is destroyed, whatever a table still holds."""
        self.gone[word.key_id] = word.at

    def paused(self, switch: Switch) -> bool:
        """Whether it is off."""
        word = self._newest.get(switch)
        return word is not None and word.paused

    def standing(self) -> tuple[SwitchSet, ...]:
        """The newest word on each, by name."""
        return tuple(self._newest[name] for name in sorted(self._newest))
