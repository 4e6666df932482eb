"""The crash ring runs on a real broker."""

from tests.broker import broker

__all__ = ["broker"]
