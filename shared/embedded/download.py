"""Brings jars from a Maven repository into a folder, by jgo: each checked, then put in place whole.

The names, versions and checksums come from the lock, so nothing is resolved here.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jgo.config import GlobalSettings
from jgo.maven import MavenContext, PythonResolver

from shared.embedded.disk import full
from shared.embedded.errors import EmbeddedError
from shared.embedded.jars import Jar, matches
from shared.embedded.mirrors import repositories
from shared.embedded.progress import Meter, metered

_AT_ONCE = 4  # polite to the repository; more was no quicker
_ANSWER_S_MAX = 30
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class _Source:
    """One place to get jars from: a repository's address, and jars Maven already has here."""

    name: str
    url: str
    local: tuple[Path, ...] = ()


def fetch(jars: tuple[Jar, ...], folder: Path) -> None:
    """Put every one of these jars in the folder; raises EmbeddedError when one cannot be had."""
    sources = _sources()
    with metered("Fetching Apache Kafka", len(jars)) as meter:
        get = partial(_get, sources=sources, folder=folder, meter=meter)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            waiting = [pool.submit(get, jar) for jar in jars]
            try:
                for arrival in waiting:
                    arrival.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)  # one clear error now, not after 40 more
                raise


def _sources() -> tuple[_Source, ...]:
    """Each repository twice: once with what Maven has in the home, once without.

    The second time is for a jar that came damaged, by the network or from the home.
    """
    found = repositories()
    mine = (GlobalSettings.load().repo_cache,)
    with_local = tuple(_Source(name, url, mine) for name, url in found.items())
    return (*with_local, *(_Source(name, url) for name, url in found.items()))


def _get(jar: Jar, *, sources: tuple[_Source, ...], folder: Path, meter: Meter) -> None:
    trouble: list[str] = []
    for source in sources:
        with tempfile.TemporaryDirectory(prefix=".fetch-", dir=folder) as staging:
            try:
                path = _from_source(jar, source, staging=Path(staging), meter=meter)
            except (OSError, RuntimeError) as error:
                if isinstance(error, OSError) and error.errno in _DISK_FULL:
                    raise full(folder) from error
                trouble.append(_why(source, error))
                continue
            if matches(jar, path):
                _put(path, folder / jar.name, staging=Path(staging))
                meter.arrived()
                return
            trouble.append(f"{source.url} gave other bytes than the lock names")
    raise _failed(jar, trouble)


def _from_source(jar: Jar, source: _Source, *, staging: Path, meter: Meter) -> Path:
    @contextmanager
    def counting(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield meter.received

    context = MavenContext(
        resolver=PythonResolver(progress_callback=counting),
        repo_cache=staging,
        local_repos=list(source.local),
        remote_repos={source.name: source.url},
        timeout=_ANSWER_S_MAX,
    )
    return context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()


def _put(path: Path, target: Path, *, staging: Path) -> None:
    """A reader sees the whole jar or none, also when we are killed here."""
    whole = staging / "whole"
    shutil.copyfile(path, whole)
    os.replace(whole, target)  # noqa: PTH105 -- the call that is atomic, by its own name


def _why(source: _Source, error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{source.url} did not answer ({type(error).__name__})"
    return f"{source.url} does not have it"


def _failed(jar: Jar, trouble: list[str]) -> EmbeddedError:
    reason = trouble[-1]
    if "other bytes" in reason:
        return EmbeddedError(
            "jar_wrong",
            f"{jar.name} has a wrong checksum, twice: {reason}.",
            "Use another mirror (~/.config/jgo.conf), or fill KULANSE_KAFKA_JARS by hand.",
        )
    return EmbeddedError(
        "no_network",
        f"{jar.name} cannot be fetched: {reason}.",
        "Check the network, set a mirror (~/.m2/settings.xml, ~/.config/jgo.conf), "
        "or name a filled folder with KULANSE_KAFKA_JARS.",
    )
