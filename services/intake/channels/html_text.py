"""The words of an HTML mail: no tags, no scripts, no styles, and nothing that it quotes."""

from html.parser import HTMLParser

SILENT = frozenset(("script", "style", "title", "template", "blockquote"))
BLOCKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "ul", "ol"))


class _Words(HTMLParser):
    """Collects text; silent elements are counted, so that nesting them hides nothing more."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.silent: list[str] = []
        self.words: list[str] = []

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002 -- html.parser's signature
    ) -> None:
        """Go silent in what is not said; a block begins a line."""
        if tag in SILENT:
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


def text_of_html(html: str) -> str:
    """The text of an HTML document, line by line."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.words).splitlines()]
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
