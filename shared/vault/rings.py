"""The keys that a process holds, as all its threads see them."""

from collections.abc import Iterable, Mapping

from shared.vault.keyring import Keyring


class Rings:
    """Keyrings by complainant, of `most` to twice as many of those asked for last.

    One thread plans a batch while another looks keys up: what is there is never away for a
    moment, and what a batch uses is not dropped under it. Whoever writes holds the vault's lock;
    whoever reads needs none.
    """

    def __init__(self, most: int) -> None:
        """No keys yet. When the newer half is full it becomes the older one."""
        self._most = most
        self._halves: tuple[dict[str, Keyring], dict[str, Keyring]] = ({}, {})

    def get(self, name: str) -> Keyring | None:
        """This complainant's keys, if we know of any."""
        newer, older = self._halves
        return newer.get(name) or older.get(name)

    def put(self, found: Mapping[str, Keyring]) -> None:
        """Keep these, in place of what we knew."""
        newer, _ = self._halves
        if len(newer) + len(found) > self._most:
            self._halves = (dict(found), newer)
        else:
            newer.update(found)

    def use(self, names: Iterable[str]) -> None:
        """Keep those that we know for as long as new ones."""
        newer, older = self._halves
        self.put({name: older[name] for name in names if name in older and name not in newer})
