"""`headertls trace`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NamedTuple

from cyclopts import Parameter

from headertls.analysis import analyze, attached
from headertls.cli.console import make_console
from headertls.cli.options import (
    MORE,
    OUTPUT,
    FailOnOption,
    FilesArgument,
    PolicyOption,
    SiteOption,
    switch,
)
from headertls.cli.page import check_page, write_page
from headertls.cli.printing import complain, complain_of_input, print_text
from headertls.cli.settings import Settings, SettingsError, read_settings
from headertls.cli.statuses import Status
from headertls.cli.streams import STDIN_ARGUMENT, drain, is_stdin, name_input, open_stdin
from headertls.mailboxes import Place
from headertls.models import Severity, Trace
from headertls.report.ndjson import write_json_line
from headertls.report.raw import render_raw
from headertls.report.sentences import write_heading
from headertls.report.table import render
from headertls.report.text import explain

_RAW: Final = (
    "Below the table, each line as it stands in the header, with the words marked on which the"
    " verdict rests."
)
_EXPLAIN: Final = "In sentences: what happened at each hop, and how we know."
_JSON: Final = (
    "One JSON document a message, one a line: the trace, with the name of its file in `path`."
)
_HTML: Final = (
    "Write one HTML page on all messages to this file: the drawing of each, a summary, and the"
    " explanation."
)
_ATTACHED: Final = "Show the messages attached to each message, too."


MAX_WHOLE: Final = 1 << 28
"""Octets of a message that are held to find what is attached: more than any server takes."""


def trace(  # noqa: PLR0913  # a parameter for each option
    *files: FilesArgument,
    raw: Annotated[bool, switch("--raw", OUTPUT, _RAW)] = False,
    explained: Annotated[bool, switch("--explain", OUTPUT, _EXPLAIN)] = False,
    as_json: Annotated[bool, switch("--json", OUTPUT, _JSON)] = False,
    page: Annotated[Path | None, Parameter(name="--html", group=OUTPUT, help=_HTML)] = None,
    with_attached: Annotated[bool, switch("--attached", MORE, _ATTACHED)] = False,
    site: SiteOption = None,
    policy: PolicyOption = None,
    fail_on: FailOnOption = None,
) -> Status:
    """Do what `help` says."""
    try:
        settings = read_settings(site, policy)
        if page is not None:
            check_page(page)
    except (SettingsError, ValueError) as error:
        complain(str(error))
        return Status.FAILED
    wish = _Wish(
        settings=settings,
        write=_choose_writer(raw=raw, explained=explained, as_json=as_json),
        has_headings=not as_json and (with_attached or len(files) > 1),
        drawn=None if page is None else {},
        with_attached=with_attached,
        fail_on=fail_on,
    )
    status = max([_show(name, wish) for name in files or (Path(STDIN_ARGUMENT),)])
    if page is not None and wish.drawn is not None:
        return max(status, write_page(page, wish.drawn))
    return status


class _Wish(NamedTuple):
    """What the options ask for."""

    settings: Settings
    write: Callable[[Trace], str]
    has_headings: bool
    drawn: dict[str, Trace] | None
    """Where traces are gathered by their titles instead of being printed."""
    with_attached: bool
    fail_on: Severity | None


def _choose_writer(*, raw: bool, explained: bool, as_json: bool) -> Callable[[Trace], str]:
    if as_json:
        return write_json_line
    console = make_console()
    if explained:
        return lambda found: explain(found, width=console.width)
    if raw:
        return lambda found: _join(render(found, console), render_raw(found, console))
    return lambda found: render(found, console)


def _join(*parts: str) -> str:
    return "\n\n".join(filter(None, parts))


def _show(path: Path, wish: _Wish) -> Status:
    title = name_input(path)
    try:
        traces = _read(path, wish.settings, with_attached=wish.with_attached)
    except OSError as error:
        complain_of_input(title, error)
        return Status.FAILED
    for number, found in enumerate(traces):
        heading = f"{title}, attached message {number}" if number else title
        if wish.drawn is not None:
            wish.drawn[heading] = found
            continue
        if wish.has_headings:
            print_text(write_heading(heading))
        named = (
            found
            if is_stdin(path)
            else found.model_copy(update={"path": Place(str(path)).write_path()})
        )
        print_text(wish.write(named) + ("\n" if wish.has_headings else ""))
    is_found = any(_reaches(found, wish.fail_on) for found in traces)
    return Status.FOUND if is_found else Status.DONE


def _read(path: Path, settings: Settings, *, with_attached: bool) -> list[Trace]:
    if not with_attached:
        return [_read_trace(path, settings)]
    # Read once: a pipe cannot be read again.
    if is_stdin(path):
        data = _read_whole(open_stdin())
    else:
        with path.open("rb") as file:
            data = _read_whole(file)
    return [analyze(data, *settings), *attached(data, *settings)]


def _read_whole(stream: BinaryIO) -> bytes:
    data = stream.read(MAX_WHOLE + 1)
    if len(data) > MAX_WHOLE:
        raise OSError(f"is longer than {MAX_WHOLE:,} octets, too long for --attached")
    return data


def _read_trace(path: Path, settings: Settings) -> Trace:
    if not is_stdin(path):
        return analyze(path, *settings)
    stream = open_stdin()
    found = analyze(stream, *settings)
    drain(stream)
    return found


def _reaches(found: Trace, level: Severity | None) -> bool:
    worst = found.worst
    return level is not None and worst is not None and worst.rank >= level.rank
