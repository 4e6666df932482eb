"""The broker's settings: what is written for Java is what was meant."""

from pathlib import Path

import pytest

from shared.embedded.config import Config, render
from shared.embedded.probe import free_port


def _settings(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


def test_every_listener_is_on_loopback() -> None:
    """The broker, which asks nobody who they are, would be open to the network."""
    written = _settings(render(Config(9092, 9093, Path("/data/log"))))
    assert written["listeners"] == "BROKER://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093"
    assert written["advertised.listeners"] == "BROKER://127.0.0.1:9092"
    assert written["controller.quorum.voters"] == "1@127.0.0.1:9093"


def test_a_misspelt_topic_is_not_made() -> None:
    """Events would go to a topic nobody reads."""
    assert _settings(render(Config(1, 2, Path("/d"))))["auto.create.topics.enable"] == "false"


def test_a_dead_letter_of_two_mebibytes_fits() -> None:
    """The largest dead letter, with its headers, would be refused by the broker."""
    written = _settings(render(Config(1, 2, Path("/d"))))
    assert int(written["message.max.bytes"]) > 2 * 1024 * 1024


def test_the_callers_settings_win() -> None:
    """A test that needs another retention would get ours."""
    written = _settings(render(Config(1, 2, Path("/d"), {"num.partitions": "12"})))
    assert written["num.partitions"] == "12"


@pytest.mark.parametrize(
    ("path", "expected"), [("/a b/log", "/a b/log"), ("/å\\log", "/\\u00e5\\\\log")]
)
def test_a_path_is_written_as_java_reads_it(path: str, expected: str) -> None:
    """A home with an å would get its data in another folder."""
    assert expected == _settings(render(Config(1, 2, Path(path))))["log.dirs"]


def test_a_free_port_is_none_that_connections_are_given() -> None:
    """A client's connection would have a service's port, and the service not start for as long."""
    told = Path("/proc/sys/net/ipv4/ip_local_port_range")
    first = int(told.read_text(encoding="ascii").split()[0]) if told.exists() else 32_768
    assert all(free_port() < first for _ in range(50))
