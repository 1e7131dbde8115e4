"""Hops of a table of mail, with the engine of your choice: each runs the same `analyze_batches`.

    python examples/engines.py duckdb|pandas|polars|pyarrow|ray [MAIL.parquet]

The table has a message in each row: `path`, and `raw` with its octets. Without one, the messages
beside this script are taken.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from headertls.arrow import analyze_batches

ENGINES: Final = ("duckdb", "pandas", "polars", "pyarrow", "ray")


def with_pyarrow(mail: Path, target: Path) -> pa.Table:
    """Write a Parquet file in little memory; *mail* may be a folder of files, of any size."""
    batches = ds.dataset(mail).to_batches(columns=["path", "raw"], batch_size=1000)
    hops = analyze_batches(batches, keep="path")
    with pq.ParquetWriter(target, hops.schema) as file:
        for batch in hops:
            file.write_batch(batch)
    return pq.read_table(target, columns=["path", "transport"], filters=[("is_entry", "=", True)])


def with_duckdb(mail: Path) -> list[tuple[str, str]]:
    """Ask in SQL while the rows are made; a connection reads or answers, so there are two."""
    import duckdb

    with duckdb.connect() as reader, duckdb.connect() as asker:
        asker.register("hops", analyze_batches(reader.read_parquet(str(mail)), keep="path"))
        entries = asker.sql("SELECT path, transport FROM hops WHERE is_entry").fetchall()
    return sorted(entries)


def with_polars(mail: Path) -> object:
    """Make a data frame of a data frame."""
    import polars as pl

    hops = pl.from_arrow(analyze_batches(pl.read_parquet(mail), keep="path").read_all())
    return hops.filter(pl.col("is_entry")).select("path", "transport")


def with_pandas(mail: Path) -> object:
    """Make a data frame of a data frame."""
    import pandas as pd

    hops = analyze_batches(pd.read_parquet(mail), keep="path").read_pandas()
    return hops.loc[hops["is_entry"], ["path", "transport"]]


def with_ray(mail: Path) -> object:
    """Spread the work over the machines of a Ray cluster; not run by the tests of headertls."""
    import ray

    def analyze_block(table: pa.Table) -> pa.Table:
        return analyze_batches(table, keep="path").read_all()

    hops = ray.data.read_parquet(str(mail)).map_batches(analyze_block, batch_format="pyarrow")
    return hops.filter(expr="is_entry").select_columns(["path", "transport"]).take_all()


def write_mail(folder: Path, target: Path) -> None:
    """Write a table of the messages in the files of *folder*."""
    paths = sorted(folder.glob("*.eml"))
    raw = [path.read_bytes() for path in paths]
    pq.write_table(pa.table({"path": [path.name for path in paths], "raw": raw}), target)


def main(arguments: Sequence[str] | None = None) -> None:
    """Show how each message came in."""
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("mail", type=Path, nargs="?", help="a table; the examples without one")
    given = parser.parse_args(arguments)
    if given.mail is not None and not given.mail.exists():
        parser.error(f"{given.mail}: no such file or folder")
    with TemporaryDirectory() as name:
        folder = Path(name)
        if given.mail is None:
            write_mail(Path(__file__).parent, folder / "mail.parquet")
        more = [folder / "hops.parquet"] if given.engine == "pyarrow" else []
        print(globals()[f"with_{given.engine}"](given.mail or folder / "mail.parquet", *more))


if __name__ == "__main__":
    main()
