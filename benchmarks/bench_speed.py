"""How fast: run with `pytest benchmarks/bench_speed.py`; never part of the tests.

Each pair of contenders is measured in one process, round about round, and the median of the ratios
is printed: on a noisy machine the ratio of one round means more than any time.
"""

import contextlib
import os
import subprocess
import sys
from email.parser import BytesHeaderParser
from time import perf_counter

import mailparser
import mailparser.utils
import pyarrow as pa
import pytest

from headertls import analyze, parse_received
from headertls.arrow import analyze_batches
from headertls.parser.grammar import read_shape
from headertls.parser.lexer import lex

ROUNDS = 9


def _time_each(function, items):
    """Seconds for one item."""

    def run():
        start = perf_counter()
        for item in items:
            # mail-parser raises on lines that it cannot read
            with contextlib.suppress(Exception):
                function(item)
        return (perf_counter() - start) / len(items)

    return run


def bench_hop(lines, compare):
    """A typed hop beside mail-parser's dictionary of strings, warm."""
    ours = _time_each(parse_received, lines)
    ours()
    compare("hop", ours, _time_each(mailparser.utils.parse_received, lines), ROUNDS)


def bench_diverse_hop(diverse_lines, compare):
    """The same where hardly two lines have one shape."""
    ours = _time_each(parse_received, diverse_lines)
    ours()
    theirs = _time_each(mailparser.utils.parse_received, diverse_lines)
    compare("hop, diverse lines", ours, theirs, ROUNDS)


def bench_message(messages, compare):
    """Bytes to verdict beside mail-parser's whole message."""
    ours = _time_each(analyze, messages)
    ours()
    theirs = _time_each(mailparser.parse_from_bytes, messages)
    compare("message, beside mail-parser", ours, theirs, 5)


def bench_header_block(messages, compare):
    """Bytes to verdict beside the standard library's mere splitting of the block."""
    ours = _time_each(analyze, messages)
    ours()
    theirs = _time_each(BytesHeaderParser().parsebytes, messages)
    compare("message, beside BytesHeaderParser", ours, theirs, ROUNDS)


@pytest.mark.parametrize("rows", ["hops", "messages"])
def bench_batches(messages, compare, rows):
    """Record batches of messages to record batches of rows, beside `analyze` alone."""
    table = pa.table({"raw": messages})

    def run():
        start = perf_counter()
        analyze_batches(table, rows=rows).read_all()
        return (perf_counter() - start) / len(messages)

    run()
    compare(f"batches of {rows}, beside analyze", run, _time_each(analyze, messages), 2 * ROUNDS)


def bench_new_shape(benchmark, forms):
    """The grammar itself, which a shape meets once."""
    shapes = sorted({lex(line).shape for line in forms})
    benchmark.extra_info["shapes"] = len(shapes)
    benchmark(lambda: [read_shape(shape) for shape in shapes])


def _time_process(code):
    command = [sys.executable, "-c", code]
    # byte code may be written, as it is for an installed package
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def run():
        start = perf_counter()
        subprocess.run(command, check=True, env=environment)  # our own interpreter
        return perf_counter() - start

    return run


DEPENDENCIES = "import pyparsing, pydantic, dateutil.parser"
# pydantic imports most of itself when the first model is defined
ONE_MODEL = f"{DEPENDENCIES}\nclass Model(pydantic.BaseModel):\n    field: int"
IMPORTS = {
    "import": ("import headertls", DEPENDENCIES),
    "import of what analyzes": ("from headertls import analyze", DEPENDENCIES),
    "the same, beside dependencies and one model": ("from headertls import analyze", ONE_MODEL),
}


@pytest.mark.parametrize("name", IMPORTS)
def bench_import(name, compare):
    """A fresh process that imports headertls, beside one that imports what it needs.

    The package loads what is asked for, so that its own import shows little: both are measured.
    """
    bare = _time_process("pass")

    def net(code):
        run = _time_process(code)
        run()
        return lambda: run() - bare()

    compare(name, *map(net, IMPORTS[name]), ROUNDS)
