"""Where the jars come from: a real mirror on loopback, good, damaged, dead or not asked."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from shared.embedded import EmbeddedError, Settings, start_broker
from shared.embedded.cache import faults, ready_jars
from shared.embedded.download import fetch
from shared.embedded.jars import Jar, locked_jars, matches

_ROOT = Path(__file__).resolve().parents[2]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Say nothing: pytest shows what matters."""


class Mirror(NamedTuple):
    """A Maven repository on loopback: the folder it serves, and the settings that name it."""

    folder: Path
    home: Path


@pytest.fixture(scope="module")
def jars() -> tuple[Path, ...]:
    """The real jars, as every start gets them."""
    return ready_jars(Settings.from_environment())


@pytest.fixture
def mirror(
    tmp_path: Path, jars: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mirror]:
    """A home of its own whose Maven settings name a mirror that has every jar."""
    found = Mirror(tmp_path / "repository", tmp_path / "home")
    for jar, path in zip(locked_jars(), jars, strict=True):
        target = found.folder / jar.maven_path
        target.parent.mkdir(parents=True)
        target.symlink_to(path)
    handler = partial(_Quiet, directory=str(found.folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _name_mirror(found.home, f"http://127.0.0.1:{server.server_port}")
        _move_home(found.home, monkeypatch)
        yield found
        server.shutdown()


def _name_mirror(home: Path, url: str) -> None:
    mirror = f"<mirror><id>m</id><mirrorOf>*</mirrorOf><url>{url}</url></mirror>"
    settings = home / ".m2" / "settings.xml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"<settings><mirrors>{mirror}</mirrors></settings>")


def _move_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    for name in ("JGO_CONFIG_FILE", "XDG_CONFIG_HOME", "M2_REPO", "KULANSE_KAFKA_JARS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("KULANSE_OFFLINE", raising=False)


def _small_jar() -> Jar:
    return next(jar for jar in locked_jars() if jar.artifact == "jspecify")


def _damage(path: Path) -> None:
    """Flip one bit, in a file of its own."""
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.unlink()
    path.write_bytes(data)


def test_two_starts_at_once_fill_one_cache(mirror: Mirror) -> None:
    """Two terminals, or two test rings, would spoil each other's jars."""
    code = (
        "from shared.embedded.cache import Settings, ready_jars\n"
        "print(len(ready_jars(Settings.from_environment())))"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", code], cwd=_ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [start.communicate()[0] for start in starts] == ["46\n", "46\n"]
    folder = mirror.home / "cache" / "kulanse" / "kafka-4.2.0"
    assert not any(faults(folder, locked_jars()))
    assert {".lock"} == {entry.name for entry in folder.iterdir()} - {
        jar.name for jar in locked_jars()
    }


def test_a_damaged_jar_of_the_cache_is_fetched_again(
    mirror: Mirror, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person whose disk lost a bit would have to find and delete the file."""
    settings = Settings.from_environment()
    path = next(path for path in ready_jars(settings) if path.name == _small_jar().name)
    _damage(path)
    ready_jars(settings)
    assert matches(_small_jar(), path)
    assert f"{path.name} in {path.parent} has a wrong checksum" in capsys.readouterr().err


def test_a_damaged_jar_of_mavens_own_store_is_passed_over(mirror: Mirror, tmp_path: Path) -> None:
    """A damaged file that Maven left in the home would keep the broker from ever starting."""
    jar = _small_jar()
    stored = mirror.home / ".m2" / "repository" / jar.maven_path
    stored.parent.mkdir(parents=True)
    shutil.copyfile(mirror.folder / jar.maven_path, stored)
    _damage(stored)
    fetch((jar,), tmp_path)
    assert matches(jar, tmp_path / jar.name)


def test_a_mirror_with_other_bytes_is_refused(mirror: Mirror, tmp_path: Path) -> None:
    """Whoever holds the mirror could run a program of theirs here."""
    jar = _small_jar()
    _damage(mirror.folder / jar.maven_path)
    with pytest.raises(EmbeddedError, match=f"{jar.name} has a wrong checksum, twice") as caught:
        fetch((jar,), tmp_path)
    assert (caught.value.code, (tmp_path / jar.name).exists()) == ("jar_wrong", False)


def test_no_network_says_what_else_can_be_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback of the HTTP library would be all a person gets on a train."""
    _name_mirror(tmp_path / "home", "http://127.0.0.1:1")
    _move_home(tmp_path / "home", monkeypatch)
    with pytest.raises(EmbeddedError, match=r"did not answer .*KULANSE_KAFKA_JARS") as caught:
        start_broker(tmp_path / "data")
    assert caught.value.code == "no_network"


def test_offline_never_asks_the_network(tmp_path: Path) -> None:
    """KULANSE_OFFLINE would be a wish only; or it would hang."""
    settings = Settings(tmp_path / "cache", offline=True)
    with pytest.raises(EmbeddedError, match="46 jars of Kafka are not in") as caught:
        start_broker(tmp_path / "data", settings=settings)
    assert caught.value.code == "jars_missing"


def test_offline_a_damaged_jar_is_named(tmp_path: Path, jars: tuple[Path, ...]) -> None:
    """A damaged jar would be run, or a person told that all 46 are missing."""
    folder = tmp_path / "kafka-4.2.0"
    shutil.copytree(jars[0].parent, folder)
    _damage(folder / _small_jar().name)
    with pytest.raises(EmbeddedError, match=f"{_small_jar().name} has a wrong checksum") as caught:
        ready_jars(Settings(tmp_path, offline=True))
    assert (caught.value.code, "Delete that file" in caught.value.hint) == ("jar_wrong", True)


def test_a_filled_folder_is_used_as_it_is(tmp_path: Path, mirror: Mirror) -> None:
    """A machine without any network could not run the broker."""
    settings = Settings(tmp_path / "cache", jars=mirror.folder, offline=True)
    assert [jar.name for jar in locked_jars()] == [path.name for path in ready_jars(settings)]
    assert not (tmp_path / "cache").exists()


def test_a_folder_that_lacks_a_jar_is_named(tmp_path: Path) -> None:
    """A half-filled folder would fail inside Java, as a class not found."""
    with pytest.raises(EmbeddedError, match=f"{tmp_path} lacks 46 jars"):
        ready_jars(Settings(tmp_path / "cache", jars=tmp_path))
