"""The words of an HTML mail: no tags, no scripts, no styles; quotes if asked for."""

from html.parser import HTMLParser

SILENT = frozenset(("script", "style", "title", "template"))
QUOTES = frozenset(("blockquote",))
BLOCKS = frozenset(
    ("p", "div", "blockquote", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol")
)


class _Words(HTMLParser):
    """Collects text; silent elements are counted, so that nesting them hides nothing more."""

    def __init__(self, silent_in: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.silent_in = silent_in
        self.silent: list[str] = []
        self.words: list[str] = []

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002 -- html.parser's signature
    ) -> None:
        """Go silent in what is not said; a block begins a line."""
        if tag in self.silent_in:
            self.silent.append(tag)
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Speak again; a block ends its line."""
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()
        elif tag in BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        """Keep what is said aloud."""
        if not self.silent:
            self.words.append(data)


def text_of_html(html: str, *, quotes: bool = False) -> str:
    """The text of an HTML document, line by line; what it quotes only if asked for."""
    reader = _Words(SILENT if quotes else SILENT | QUOTES)
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.words).splitlines()]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
