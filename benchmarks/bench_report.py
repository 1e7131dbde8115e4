"""How fast and how large what people look at is: run with `pytest -c benchmarks/pytest.ini`.

Times are of the processor, not of the clock: the machine may be shared.
"""

import io
from pathlib import Path
from time import process_time

import pytest
from rich.console import Console

from headertls import analyze
from headertls.report import html
from headertls.report.raw import render_raw
from headertls.report.table import render

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))
HOPS = 10
MESSAGES = 1000
# the hops of two examples, one upon the other: the upper five are real, the lower five are claims
UPPER, LOWER = "plaintext-entry.eml", "mailing-list.eml"


def _read_lines(name):
    block = next(path for path in EXAMPLES if path.name == name).read_bytes()
    lines = []
    for line in block.partition(b"\n\n")[0].splitlines(keepends=True):
        if line[:1] in b" \t" and lines:
            lines[-1] += line
        else:
            lines.append(line)
    return [line for line in lines if line.startswith(b"Received:")]


@pytest.fixture(scope="module")
def trace():
    """A trace of ten hops."""
    lines = (_read_lines(UPPER) + 2 * _read_lines(LOWER))[:HOPS]
    found = analyze(b"".join(lines) + b"\n")
    assert len(found) == HOPS
    return found


def _make_console(colours):
    file = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    options = {"color_system": "256", "force_terminal": True} if colours else {}
    return Console(file=file, width=80, _environ={}, **options)


FORMS = {
    "table": lambda trace: render(trace, _make_console(colours=False)),
    "table, in colour": lambda trace: render(trace, _make_console(colours=True)),
    "lines of --raw": lambda trace: render_raw(trace, _make_console(colours=False)),
    "--explain": lambda trace: trace.explain(),
    "--json": lambda trace: trace.model_dump_json(),
    "view for notebooks": lambda trace: trace._repr_html_(),
    "page of --html": html,
}


def _time(function):
    start = process_time()
    function()
    return process_time() - start


@pytest.mark.parametrize("form", FORMS)
def bench_form(form, trace, tell):
    """A trace of ten hops."""
    FORMS[form](trace)
    tell(f"{form}, {HOPS} hops", [_time(lambda: FORMS[form](trace)) for _ in range(100)])


def bench_report(tell):
    """The report on a thousand messages that differ: names are their own."""
    blocks = [path.read_bytes() for path in EXAMPLES]
    messages = [
        blocks[number % len(blocks)].replace(b".example", b"-%d.example" % number)
        for number in range(MESSAGES)
    ]
    traces = {f"{number}.eml": analyze(message) for number, message in enumerate(messages)}
    tell(f"analysis of {MESSAGES} messages", [_time(lambda: [*map(analyze, messages)])])
    tell(f"report on {MESSAGES} messages", [_time(lambda: html(traces)) for _ in range(5)])
    size = len(html(traces).encode()) / 1e6
    tell(f"report on {MESSAGES} messages: {size:.2f} MB")
