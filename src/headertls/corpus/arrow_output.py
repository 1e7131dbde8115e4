"""Outputs of Arrow and Parquet, which are read from their end: pieces, put together at last."""
# pyright: basic

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from headertls.corpus.arrow_rows import SCHEMAS, number_batch
from headertls.corpus.encoding import Encoded
from headertls.corpus.wanted import Wanted

ROWS: Final = 1 << 12
"""Rows that are held until they are written: a row group of a Parquet file."""


class ArrowOutput:
    """A folder of whole files, one for each time that it was saved; at last one file."""

    def __init__(self, wanted: Wanted, saved: int | None = None) -> None:
        self.wanted = wanted
        self._schema: pa.Schema = SCHEMAS[wanted.rows]
        self._folder = wanted.partial
        if saved is None and self._folder.exists():
            shutil.rmtree(self._folder)
        self._folder.mkdir(exist_ok=True)
        self._whole = self._folder / f"whole{wanted.path.suffix}"
        self._saved = saved or 0
        if not all(self._name(number).exists() for number in range(self._saved)):
            raise wanted.make_loss()
        self._batches: list[pa.RecordBatch] = []
        self._held = 0
        self._writer: Any = None

    def write(self, encoded: Encoded, numbers: Sequence[int]) -> None:
        """Write the rows of a batch."""
        batch = number_batch(encoded, numbers) if isinstance(encoded, bytes) else None
        if batch is None:
            return
        self._batches.append(batch)
        self._held += batch.num_rows
        if self._held >= ROWS:
            self._flush()

    def _flush(self) -> None:
        if not self._batches:
            return
        if self._writer is None:
            self._writer = _open_writer(self._name(self._saved), self._schema)
        table = pa.Table.from_batches(self._batches, self._schema).combine_chunks()
        self._batches, self._held = [], 0
        self._writer.write_table(table)

    def _name(self, number: int) -> Path:
        return self._folder / f"{number:06}{self.wanted.path.suffix}"

    def save(self) -> int:
        """End the file that is being written, and tell how many there are."""
        self._flush()
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            with self._name(self._saved).open("rb") as file:
                os.fsync(file.fileno())
            self._saved += 1
        return self._saved

    def seal(self) -> None:
        """Put the files together."""
        if self._saved != 1:
            with _open_writer(self._whole, self._schema) as writer:
                for table in self._iter_tables():
                    writer.write_table(table)

    def finish(self) -> None:
        """Give the whole its name."""
        whole = self._name(0) if self._saved == 1 else self._whole
        whole.replace(self.wanted.path)
        shutil.rmtree(self._folder)

    def _iter_tables(self) -> Iterator[pa.Table]:
        for number in range(self._saved):
            name = self._name(number)
            if self.wanted.path.suffix.lower() == ".parquet":
                with parquet.ParquetFile(name) as file:
                    for group in range(file.num_row_groups):
                        yield file.read_row_group(group)
            else:
                with pa.OSFile(str(name), "rb") as source, pa.ipc.open_file(source) as file:
                    for group in range(file.num_record_batches):
                        yield pa.Table.from_batches([file.get_batch(group)])

    def close(self) -> None:
        """Let go of the file as it is."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()


def _open_writer(path: Path, schema: pa.Schema) -> Any:  # noqa: ANN401  # one of two classes
    if path.suffix.lower() == ".parquet":
        return parquet.ParquetWriter(path, schema)
    return pa.ipc.new_file(str(path), schema)
