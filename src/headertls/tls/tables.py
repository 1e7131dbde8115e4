"""Reading the data files of this package; `tools/make_tls_tables.py` writes them."""

import csv
from importlib.resources import files


def read_table(name: str) -> list[list[str]]:
    """The rows of ``data/<name>``, without the row of column names."""
    text = (files("headertls.tls") / "data" / name).read_text(encoding="ascii")
    return list(csv.reader(text.splitlines()))[1:]
