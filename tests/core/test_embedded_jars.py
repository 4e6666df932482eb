"""The lock of the embedded broker: what it names, and how a file is held against it."""

import hashlib
from pathlib import Path

import pytest

from shared.embedded.cache import Faults, faults
from shared.embedded.errors import EmbeddedError
from shared.embedded.jars import LOCK, Jar, kafka_version, locked_jars, matches
from shared.embedded.mirrors import central_mirror
from shared.embedded.settings import Settings

_BYTES = b"a jar"
_JAR = Jar("org.example.kafka", "small", "1.2", hashlib.sha256(_BYTES).hexdigest())
_SETTINGS_XML = """<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>
<mirror><id>a</id><mirrorOf>external:http:*</mirrorOf><url>http://a.example/</url></mirror>
<mirror><id>b</id><mirrorOf>*</mirrorOf><url>http://b.example</url><blocked>true</blocked></mirror>
<mirror><id>c</id><mirrorOf>{of}</mirrorOf><url>https://c.example/maven/</url></mirror>
</mirrors></settings>"""


def test_the_lock_names_every_jar_with_its_checksum() -> None:
    """A jar without a checksum, or one named twice, would start unverified."""
    jars = locked_jars()
    names = {jar.name for jar in jars}
    assert (len(jars), len(names), kafka_version(jars)) == (46, 46, "4.2.0")
    assert {64} == {len(jar.sha256) for jar in jars}


def test_the_lock_names_no_address() -> None:
    """A registry's host in the lock would tie everybody to one person's network."""
    text = LOCK.read_text(encoding="utf-8") + LOCK.with_name("jgo.toml").read_text("utf-8")
    assert [sign for sign in ("://", "/home", "/root", "/work") if sign in text] == []


def test_a_jar_without_a_checksum_is_refused() -> None:
    """Half a lock would be taken for a whole one."""
    text = '[[dependencies]]\ngroupId = "g"\nartifactId = "odd"\nversion = "1"\n'
    with pytest.raises(EmbeddedError, match="odd"):
        locked_jars(text)


def test_a_jar_lies_where_maven_puts_it() -> None:
    """A folder filled by Maven would be taken for an empty one."""
    assert Path("org/example/kafka/small/1.2/small-1.2.jar") == _JAR.maven_path


def test_one_flipped_bit_is_seen(tmp_path: Path) -> None:
    """A damaged jar would be run."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_bytes(_BYTES)
    bad.write_bytes(bytes([_BYTES[0] ^ 1]) + _BYTES[1:])
    assert (matches(_JAR, good), matches(_JAR, bad)) == (True, False)


def test_faults_tell_missing_from_wrong(tmp_path: Path) -> None:
    """A wrong jar would be reported as a missing one, or neither."""
    other = Jar("org.example", "other", "1", _JAR.sha256)
    (tmp_path / other.name).write_bytes(b"not it")
    assert Faults((_JAR,), (other,)) == faults(tmp_path, [_JAR, other])


@pytest.mark.parametrize(
    ("mirror_of", "expected"),
    [
        ("central", "https://c.example/maven"),
        ("*", "https://c.example/maven"),
        ("external:*, !snapshots", "https://c.example/maven"),
        ("*,!central", None),
        ("jcenter", None),
    ],
)
def test_a_mirror_of_central_is_found(mirror_of: str, expected: str | None) -> None:
    """Behind a mirror the fetch would knock at a door that is walled up, or at a blocked one."""
    assert expected == central_mirror(_SETTINGS_XML.format(of=mirror_of))


def test_settings_come_from_the_environment() -> None:
    """KULANSE_OFFLINE=0 would mean offline, or a filled folder would be passed over."""
    environment = {
        "XDG_CACHE_HOME": "/cache",
        "KULANSE_KAFKA_JARS": "/jars",
        "KULANSE_OFFLINE": "1",
    }
    expected = Settings(Path("/cache/kulanse"), Path("/jars"), offline=True)
    assert expected == Settings.from_environment(environment)
    assert not Settings.from_environment({"KULANSE_OFFLINE": "0"}).offline
