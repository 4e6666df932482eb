"""The jars on this machine: found, checked byte for byte against the lock, fetched when missing."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from shared.embedded.disk import one_at_a_time, remove_leftovers, require_space, speaking_plainly
from shared.embedded.errors import EmbeddedError
from shared.embedded.jars import Jar, kafka_version, locked_jars, matches
from shared.embedded.progress import say
from shared.embedded.settings import Settings

# 45 MB of jars, each twice for a moment, and room left for what else the machine does.
_SPACE_MB_MIN = 150


class Faults(NamedTuple):
    """What keeps a folder of jars from being the one the lock describes."""

    missing: tuple[Jar, ...]
    wrong: tuple[Jar, ...]


def ready_jars(settings: Settings) -> tuple[Path, ...]:
    """Every jar of the lock, in its order, each verified; raises EmbeddedError if one cannot be."""
    jars = locked_jars()
    if settings.jars is not None:
        return _from_their_folder(settings.jars, jars)
    folder = settings.cache / f"kafka-{kafka_version(jars)}"
    if any(faults(folder, jars)):
        _fill(folder, jars, offline=settings.offline)
    return tuple(folder / jar.name for jar in jars)


def faults(folder: Path, jars: Iterable[Jar]) -> Faults:
    """The jars that are not there, and those with other bytes than the lock names."""
    jars = tuple(jars)
    there = [jar for jar in jars if (folder / jar.name).is_file()]
    with ThreadPoolExecutor() as pool:  # hashing lets go of the interpreter's lock
        right = list(pool.map(lambda jar: matches(jar, folder / jar.name), there))
    wrong = tuple(jar for jar, good in zip(there, right, strict=True) if not good)
    return Faults(tuple(jar for jar in jars if jar not in there), wrong)


def _fill(folder: Path, jars: Sequence[Jar], *, offline: bool) -> None:
    with speaking_plainly(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(folder / ".lock"):
            remove_leftovers(folder, ".fetch-")
            found = faults(folder, jars)  # again: another start may have filled it meanwhile
            if offline:
                _refuse_offline(folder, found)
            if any(found):
                require_space(folder, _SPACE_MB_MIN)
                _fetch(folder, found)


def _fetch(folder: Path, found: Faults) -> None:
    for jar in found.wrong:
        say(f"{jar.name} in {folder} has a wrong checksum: fetching it again")
        (folder / jar.name).unlink()
    # Only now: the images of the services have no jgo, and a filled cache needs none.
    from shared.embedded.download import fetch  # noqa: PLC0415 -- see the line above

    fetch((*found.missing, *found.wrong), folder)


def _refuse_offline(folder: Path, found: Faults) -> None:
    if found.wrong:
        raise EmbeddedError(
            "jar_wrong",
            f"{folder / found.wrong[0].name} has a wrong checksum, and KULANSE_OFFLINE is set.",
            "Delete that file and start once with the network (unset KULANSE_OFFLINE).",
        )
    if found.missing:
        raise EmbeddedError(
            "jars_missing",
            f"{len(found.missing)} jars of Kafka are not in {folder}, and KULANSE_OFFLINE is set.",
            "Start once with the network, or name a filled folder with KULANSE_KAFKA_JARS.",
        )


def _from_their_folder(folder: Path, jars: Sequence[Jar]) -> tuple[Path, ...]:
    """Flat, or laid out as Maven does it; what is wrong with it is its owner's to mend."""
    paths = {jar: _in_either_layout(folder, jar) for jar in jars}
    missing = [jar for jar, path in paths.items() if not path.is_file()]
    if missing:
        raise EmbeddedError(
            "jars_missing",
            f"KULANSE_KAFKA_JARS: {folder} lacks {len(missing)} jars, {missing[0].name} first.",
            "Fill it (jgo.lock.toml lists every jar), or unset KULANSE_KAFKA_JARS to fetch them.",
        )
    for jar, path in paths.items():
        if not matches(jar, path):
            raise EmbeddedError(
                "jar_wrong",
                f"KULANSE_KAFKA_JARS: {path} has a wrong checksum.",
                "Replace that file, or unset KULANSE_KAFKA_JARS to fetch the right one.",
            )
    return tuple(paths.values())


def _in_either_layout(folder: Path, jar: Jar) -> Path:
    flat = folder / jar.name
    return flat if flat.is_file() else folder / jar.maven_path
