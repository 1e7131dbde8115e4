"""Outputs of a scan as they are wanted: where, and in which form."""

from pathlib import Path
from typing import Final, NamedTuple

from headertls.corpus.encoding import Form
from headertls.corpus.state import StateError
from headertls.rows import Rows

PARTIAL: Final = ".partial"

SUFFIXES: Final = {
    ".ndjson": Form.NDJSON,
    ".jsonl": Form.NDJSON,
    ".csv": Form.CSV,
    ".parquet": Form.ARROW,
    ".arrow": Form.ARROW,
    ".feather": Form.ARROW,
}
"""The form of an output, by the ending of its name."""


class Wanted(NamedTuple):
    """An output that is wanted."""

    path: Path
    rows: Rows

    @property
    def form(self) -> Form:
        """The form of its rows.

        Raises:
            ValueError: No form has this ending.
        """
        form = SUFFIXES.get(self.path.suffix.lower())
        if form is None:
            known = ", ".join(SUFFIXES)
            raise ValueError(f"{self.path}: the ending is none of {known}")
        return form

    @property
    def partial(self) -> Path:
        """Where it stands until it is whole."""
        return self.path.with_name(self.path.name + PARTIAL)

    def make_loss(self) -> StateError:
        """Make the error of an output that lost rows since it was saved."""
        return StateError(f"{self.partial}: is not what was saved, so the scan cannot go on")
