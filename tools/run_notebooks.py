"""Run the notebooks of `examples`, and keep their outputs in them.

    python tools/run_notebooks.py [--check]

With --check nothing is written: outputs that differ from the committed ones are shown, and the exit
status is 1. Pictures have to be there, but are not compared. Needs the extra `browser`.
"""

import argparse
import copy
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import nbformat
from matplotlib import font_manager
from nbclient import NotebookClient
from nbformat import NotebookNode

EXAMPLES: Final = Path(__file__).parents[1] / "examples"

PICTURES: Final = "image/"
"""How the types begin of what is not compared: its bits depend on libraries and fonts."""

METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""All that a notebook tells about the machine on which it ran."""

_SECONDS: Final = 300


def run(book: NotebookNode) -> NotebookNode:
    """Give a copy of *book* with the outputs that it has when it is run here."""
    fresh = copy.deepcopy(book)
    client = NotebookClient(
        fresh,
        timeout=_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(EXAMPLES)}},
    )
    client.execute()
    fresh.metadata = nbformat.from_dict(METADATA)
    for cell in fresh.cells:
        cell.metadata = nbformat.from_dict({})
    return fresh


def iter_texts(book: NotebookNode) -> Iterator[str]:
    """Give the lines of *book* that are compared: its sources, and its outputs by their types."""
    for number, cell in enumerate(book.cells):
        yield f"cell {number}"
        yield from cell.source.splitlines()
        for output in cell.get("outputs", ()):
            yield output.output_type
            yield from output.get("text", "").splitlines()
            for kind, value in sorted(output.get("data", {}).items()):
                yield kind
                yield from [] if kind.startswith(PICTURES) else value.splitlines()


def compare(path: Path, book: NotebookNode, fresh: NotebookNode) -> bool:
    """Tell whether both have the same outputs, and print where they differ."""
    texts = [list(iter_texts(each)) for each in (book, fresh)]
    diff = difflib.unified_diff(*texts, f"{path.name} as committed", "as run here", lineterm="")
    for line in diff:
        print(line[:200])
    return texts[0] == texts[1]


def main() -> int:
    """Do what the command line says, with each notebook."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    is_check = parser.parse_args().check
    # What is done once for a new machine is not to be told of in an output.
    font_manager.findfont("sans")
    is_same = True
    for path in sorted(EXAMPLES.glob("*.ipynb")):
        book = nbformat.read(path, as_version=4)
        fresh = run(book)
        if is_check:
            is_same &= compare(path, book, fresh)
        else:
            nbformat.write(fresh, path)
        print(f"{path.name}: {path.stat().st_size // 1000} kB")
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
