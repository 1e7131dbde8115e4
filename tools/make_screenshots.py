"""Make the pictures of the documentation from an example, so that none shows what is not so.

    python tools/make_screenshots.py

`docs/images/terminal.svg` is what `headertls trace` prints, drawn by rich. `docs/images/report.png`
is the top of the page that `headertls trace --html` writes, as Chromium shows it; that needs the
extra `browser`, and Chromium. The visible words go into the picture's description, so that a test
can tell when the report says something else.
"""

import io
import shutil
import struct
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

import headertls
from headertls.report.table import render

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ROOT / "docs" / "images"
EXAMPLE: Final = "examples/plaintext-entry.eml"
COLUMNS: Final = 92
WIDTH: Final = 880
"""Pixels of the window."""
SCALE: Final = 1.5
MARGIN: Final = 10
"""Pixels kept below the last thing that is shown."""
OPEN_HOP: Final = "2"
"""The hop whose line is shown."""

# rich's own form names fonts on a server of others, which a page must not ask for.
_SVG: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

_PNG_START: Final = b"\x89PNG\r\n\x1a\n"
_DESCRIPTION: Final = b"Description\0\0\0\0\0"
"""Keyword of an iTXt chunk: not compressed, of no language."""


_UNSEEN: Final = frozenset({"head", "style", "pre", "footer"})
"""What stands in none of the pictures, or is the example's own text."""


class _Words(HTMLParser):
    """Gathers what a reader sees of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002  # the parser's own
        self._hidden += tag in _UNSEEN

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNSEEN

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def read_words(page: str) -> str:
    """Give the words of *page*, with a blank between them."""
    parser = _Words()
    parser.feed(page)
    return " ".join(parser.words)


def write_report() -> str:
    """Write the page that is shown."""
    return headertls.report.html(headertls.analyze(ROOT / EXAMPLE))


def write_terminal() -> str:
    """Write what the command prints, with its colours."""
    console = Console(
        file=io.StringIO(), width=COLUMNS, force_terminal=True, color_system="standard"
    )
    return render(headertls.analyze(ROOT / EXAMPLE), console)


def draw_terminal() -> str:
    """Draw it."""
    console = Console(file=io.StringIO(), width=COLUMNS, record=True)
    console.print(Text(f"$ headertls trace {EXAMPLE}"))
    console.print(Text.from_ansi(write_terminal()), soft_wrap=True)
    return console.export_svg(
        title="headertls", theme=DIMMED_MONOKAI, code_format=_SVG, unique_id="terminal"
    )


def shoot_report(page: str) -> bytes:
    """Take a picture of the top of *page*, with the line of one hop open."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # in the extra `browser`

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(
            viewport={"width": WIDTH, "height": WIDTH}, device_scale_factor=SCALE
        )
        shown.set_content(page)
        shown.locator("summary", has_text=f"Line {OPEN_HOP},").click()
        shown.mouse.move(0, 0)
        box = shown.locator(".htls-findings").first.bounding_box()
        if box is None:
            raise ValueError("the page shows no findings")
        height = box["y"] + box["height"] + MARGIN
        picture = shown.screenshot(
            full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}
        )
        browser.close()
    return picture


def describe(picture: bytes, words: str) -> bytes:
    """Put *words* into a PNG, behind its first chunk."""
    body = b"iTXt" + _DESCRIPTION + words.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    end = len(_PNG_START) + 25  # the header chunk is always of this size
    return picture[:end] + chunk + picture[end:]


def iter_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the chunks of a PNG: name and data."""
    place = len(_PNG_START)
    while place < len(picture):
        [length] = struct.unpack_from(">I", picture, place)
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += length + 12


def read_description(picture: bytes) -> str | None:
    """Read what `describe` put into a PNG."""
    texts = (data for name, data in iter_chunks(picture) if name == b"iTXt")
    return next((t.removeprefix(_DESCRIPTION).decode() for t in texts), None)


def main() -> None:
    """Write both pictures."""
    IMAGES.mkdir(exist_ok=True)
    (IMAGES / "terminal.svg").write_text(draw_terminal(), encoding="utf-8")
    page = write_report()
    (IMAGES / "report.png").write_bytes(describe(shoot_report(page), read_words(page)))


if __name__ == "__main__":
    main()
