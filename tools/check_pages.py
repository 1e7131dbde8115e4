"""Tell what built pages would ask for from elsewhere, which should be nothing.

    python tools/check_pages.py FOLDER

A link that a reader may follow is no such thing; a picture, a script, a style or a font is.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

_LOADING: Final = frozenset({"src", "srcset", "data", "poster", "background", "action"})
"""Attributes of which browsers load what they name."""
_RELATED: Final = frozenset({"canonical", "index", "search", "next", "prev", "author", "license"})
"""Relations of a `link` that load nothing."""

_ELSEWHERE: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_IN_STYLE: Final = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""", re.IGNORECASE)


class _Page(HTMLParser):
    """Gathers the addresses from which a page loads something."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self._is_style = tag == "style"
        self.loaded += [value for name, value in has.items() if name in _LOADING]
        self.loaded += find_in_style(has.get("style", ""))
        if tag == "link" and not _RELATED & set(has.get("rel", "").split()):
            self.loaded.append(has.get("href", ""))

    def handle_data(self, data: str) -> None:
        if self._is_style:
            self.loaded += find_in_style(data)


def find_in_style(text: str) -> list[str]:
    """Find the addresses from which a style sheet loads something."""
    return [one or other for one, other in _IN_STYLE.findall(text)]


def find_loaded(path: Path) -> list[str]:
    """Find what *path*, a page or a style sheet, loads."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".css":
        return find_in_style(text)
    page = _Page()
    page.feed(text)
    return page.loaded


def iter_foreign(folder: Path) -> Iterator[tuple[Path, str]]:
    """Give each file of *folder* with each address elsewhere from which it loads something."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".html", ".css", ".svg"}:
            for address in find_loaded(path):
                if _ELSEWHERE.match(address):
                    yield path, address


def main(folder: Path) -> int:
    """Print what is loaded from elsewhere."""
    pages = list(folder.rglob("*.html"))
    foreign = list(iter_foreign(folder))
    for path, address in foreign:
        print(f"{path.relative_to(folder)}: {address}")
    print(f"{len(pages)} pages, {len(foreign)} requests to elsewhere")
    return 1 if foreign or not pages else 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
