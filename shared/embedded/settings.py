"""What a person may set from outside, all of it optional."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_NO = {"", "0", "false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the jars are kept, and whether the network may be asked for them.

    `cache` is ours to fill; `jars` is a folder somebody else filled, read and never written.
    """

    cache: Path
    jars: Path | None = None
    offline: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read XDG_CACHE_HOME, KULANSE_KAFKA_JARS and KULANSE_OFFLINE."""
        env = os.environ if environment is None else environment
        home = Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        jars = env.get("KULANSE_KAFKA_JARS")
        return cls(
            cache=home.expanduser() / "kulanse",
            jars=Path(jars).expanduser().absolute() if jars else None,
            offline=env.get("KULANSE_OFFLINE", "").strip().lower() not in _NO,
        )
