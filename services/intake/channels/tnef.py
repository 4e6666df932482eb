"""Outlook's winmail.dat (MS-OXTNEF): the words and the files in it. Pure.

Read as strangers' bytes are: each length is held against what is left, nothing is read twice, and
what breaks anywhere is no winmail.dat at all. Compressed RTF is not read: the same words lie
beside it in the mail, nearly always.
"""

import codecs
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.intake.channels.html_text import text_of_html
from services.intake.files import File

MEDIA_TYPES = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
SIGNATURE = 0x223E9F78
UNKNOWN_TYPE = "application/octet-stream"
# Attributes of the stream (2.1.3.2): a file begins with its rendering.
BODY, CODE_PAGE, PROPERTIES = 0x800C, 0x9007, 0x9003
FILE_BEGINS, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
# Properties within (MS-OXPROPS).
TEXT, HTML, LONG_NAME, CONTENT = 0x1000, 0x1013, 0x3707, 0x3701
# Sizes by property type, padded; those of no fixed size are counted.
FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
COUNTED = frozenset((0x0D, 0x1E, 0x1F, 0x102))
UNICODE, MANY, NAMED = 0x1F, 0x1000, 0x8000
_UTF_8 = 65001
WESTERN = "cp1252"

Value = tuple[int, bytes]  # a property's type and its bytes


@dataclass(frozen=True, slots=True)
class Inside:
    """What lay in it."""

    words: str
    files: tuple[File, ...]


class _Bytes:
    """Bytes read from front to back; raises `ValueError` where they end too early."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = memoryview(raw), 0

    def more(self) -> bool:
        return self._at < len(self._raw)

    def take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._raw):
            raise ValueError(count)
        found, self._at = self._raw[self._at : end], end
        return bytes(found)

    def number(self, form: str) -> int:
        (found,) = struct.unpack(form, self.take(struct.calcsize(form)))
        return int(found)


def opened(raw: bytes) -> Inside | None:
    """What lies in a winmail.dat; None: it is none, or broken."""
    try:
        return _inside(_Bytes(raw))
    except (ValueError, LookupError):
        return None


def _inside(raw: _Bytes) -> Inside | None:
    if raw.number("<I") != SIGNATURE:
        return None
    raw.number("<H")
    page, plain, properties = WESTERN, b"", dict[int, Value]()
    files: list[dict[int, bytes]] = []
    for name, data in _attributes(raw):
        if name == CODE_PAGE:
            page = _page(_Bytes(data).number("<I"))
        elif name == BODY:
            plain = data
        elif name == PROPERTIES:
            properties = dict(_properties(_Bytes(data)))
        elif name == FILE_BEGINS:
            files.append({})
        elif name in (FILE_TITLE, FILE_DATA, FILE_PROPERTIES) and files:
            files[-1][name] = data
    words = _text(properties.get(TEXT), page) or plain.decode(page, "replace").rstrip("\0")
    words = words or text_of_html(_text(properties.get(HTML), page))
    return Inside(words.strip(), tuple(_file(each, page) for each in files))


def _attributes(raw: _Bytes) -> Iterator[tuple[int, bytes]]:
    while raw.more():
        raw.take(1)  # of the message or of a file: its name tells, too
        name = raw.number("<I") & 0xFFFF
        data = raw.take(raw.number("<I"))
        raw.take(2)  # a checksum that some programs do not keep
        yield name, data


def _properties(raw: _Bytes) -> Iterator[tuple[int, Value]]:
    for _ in range(raw.number("<I")):
        kind, name = raw.number("<H"), raw.number("<H")
        if name >= NAMED:
            raw.take(16)
            _padded(raw) if raw.number("<I") else raw.take(4)
        count = raw.number("<I") if kind & MANY or kind in COUNTED else 1
        plain = kind & ~MANY
        for _ in range(count):
            data = _padded(raw) if plain in COUNTED else raw.take(FIXED[plain])
            yield name, (plain, data)


def _padded(raw: _Bytes) -> bytes:
    """Bytes after their count, filled up to a multiple of four."""
    count = raw.number("<I")
    found = raw.take(count)
    raw.take(-count % 4)
    return found


def _file(found: dict[int, bytes], page: str) -> File:
    properties = dict(_properties(_Bytes(found.get(FILE_PROPERTIES, b"\0\0\0\0"))))
    title = found.get(FILE_TITLE, b"").decode(page, "replace").rstrip("\0")
    name = _text(properties.get(LONG_NAME), page) or title
    _, content = properties.get(CONTENT, (0, found.get(FILE_DATA)))
    return File(name, UNKNOWN_TYPE, content)


def _text(value: Value | None, page: str) -> str:
    kind, raw = value or (0, b"")
    return raw.decode("utf-16-le" if kind == UNICODE else page, "replace").rstrip("\0")


def _page(number: int) -> str:
    """Python's name of a code page; the Western one for what it has none."""
    name = "utf-8" if number == _UTF_8 else f"cp{number}"
    try:
        return codecs.lookup(name).name
    except LookupError:
        return WESTERN
