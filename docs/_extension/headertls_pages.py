"""What Sphinx does for these pages that it does not do by itself."""

import re
from enum import Enum
from typing import Final

from pydantic import BaseModel
from sphinx.application import Sphinx
from sphinx.ext.napoleon import GoogleDocstring
from tables import GENERATED

_MARK: Final = re.compile(r"^<!-- generated: ([\w-]+) -->$", re.MULTILINE)
_LAST_LINE: Final = re.compile(r"\n\n( *```)$", re.MULTILINE)
"""The empty line by which a doctest knows the end of what is printed."""
_PYDANTIC: Final = frozenset(vars(BaseModel))
_VALUES: Final = frozenset({"attribute", "data", "property"})


def fill_in(_app: Sphinx, _page: str, content: list[str]) -> None:
    """Put a generated table in the place of the mark that asks for it, and tidy up code."""
    text = _MARK.sub(lambda mark: GENERATED[mark[1]](), content[0])
    content[0] = _LAST_LINE.sub(r"\n\1", text)


def read_docstring(
    _app: Sphinx, kind: str, name: str, subject: object, options: object, lines: list[str]
) -> None:
    """Read sections such as `Args:`; the words of a value are plain text, colons and all."""
    if kind not in _VALUES:
        lines[:] = GoogleDocstring(
            lines, what=kind, name=name, obj=subject, options=options
        ).lines()


def shorten_signature(
    _app: Sphinx, _kind: str, _name: str, subject: object, *_rest: object
) -> tuple[str, None] | None:
    """Leave out how a model or an enum is called: what it holds stands below."""
    is_model = isinstance(subject, type) and issubclass(subject, (BaseModel, Enum))
    return ("", None) if is_model else None


def leave_out(_app: Sphinx, _kind: str, name: str, *_rest: object) -> bool | None:
    """Leave out what every model has from pydantic."""
    return True if name in _PYDANTIC else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Join Sphinx's events."""
    app.connect("source-read", fill_in)
    app.connect("autodoc-process-docstring", read_docstring)
    app.connect("autodoc-process-signature", shorten_signature)
    app.connect("autodoc-skip-member", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
