"""`headertls trace`."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter
from rich.console import Console

from headertls.analysis import analyze, attached
from headertls.cli.options import MORE, OUTPUT, switch
from headertls.cli.page import write_page
from headertls.cli.printing import complain, complain_of_input, print_text
from headertls.cli.settings import Settings, SettingsError, read_settings
from headertls.cli.statuses import Status
from headertls.cli.streams import STDIN_ARGUMENT, drain, name_input, open_stdin
from headertls.models import Severity, Trace
from headertls.report.ndjson import write_json_line
from headertls.report.sentences import write_heading
from headertls.report.table import render
from headertls.report.text import explain


def trace(  # noqa: PLR0913  # a parameter for each option
    *files: Annotated[str, Parameter(name="FILE")],
    as_json: Annotated[bool, switch("--json", OUTPUT)] = False,
    explained: Annotated[bool, switch("--explain", OUTPUT)] = False,
    page: Annotated[str | None, Parameter(name="--html", group=OUTPUT)] = None,
    with_attached: Annotated[bool, switch("--attached", MORE)] = False,
    site: Annotated[str | None, Parameter(group=MORE)] = None,
    policy: Annotated[str | None, Parameter(group=MORE)] = None,
    fail_on: Annotated[Severity | None, Parameter(group=MORE)] = None,
) -> Status:
    """Show how messages were transported, hop by hop, and flag plaintext hops.

    Each FILE holds one message, or its header alone. The table has a line for
    each hop, the oldest first; what came with the message and cannot be
    checked is marked as a claim, and a line shows where these end. The sign
    marks hops with findings of "low" or graver.

    For example:
        headertls trace message.eml
        headertls trace --explain message.eml
        headertls trace --json *.eml | jq .headline
        headertls trace --html report.html inbox/*.eml
        headertls trace --fail-on high - < message.eml || echo "look at this"
        headertls trace --attached forwarded-phish.eml
        headertls trace --site site.toml --policy ncsc-nl-2025 message.eml

    Exit status:
        0  all was read
        1  a finding reached the level of --fail-on
        2  an input could not be read (the others are shown all the same),
           or an argument or a file of settings is wrong

    Args:
        files: The files to read; "-", or none at all, is the standard input.
        as_json: One JSON document a message, one a line: the trace alone, without
            the name of its file.
        explained: In sentences: what happened at each hop, and how we know.
        page: Write one HTML page on all messages to this FILE: the drawing of each,
            a summary, and the explanation.
        with_attached: Show the messages attached to each message, too.
        site: A TOML FILE that declares the own mail servers; without
            it they are inferred from the lines.
        policy: By whose list to grade: default, bcp195, ncsc-nl-2025,
            mozilla-intermediate, mozilla-modern or iana; or a TOML
            FILE that tells how to judge grades, findings and times.
        fail_on: Exit with status 1 when a finding is, under the
            policy, of this level or a graver one.
    """
    try:
        settings = read_settings(site, policy)
    except SettingsError as error:
        complain(str(error))
        return Status.FAILED
    wish = _Wish(
        settings=settings,
        write=_choose_writer(as_json=as_json, explained=explained),
        has_headings=not as_json and (with_attached or len(files) > 1),
        drawn=None if page is None else {},
        with_attached=with_attached,
        fail_on=fail_on,
    )
    status = max([_show(name, wish) for name in files or (STDIN_ARGUMENT,)])
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


def _choose_writer(*, as_json: bool, explained: bool) -> Callable[[Trace], str]:
    if as_json:
        return write_json_line
    console = Console()
    if explained:
        return lambda found: explain(found, width=console.width)
    return lambda found: render(found, console)


def _show(name: str, wish: _Wish) -> Status:
    title = name_input(name)
    try:
        traces = _read(name, wish.settings, with_attached=wish.with_attached)
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
        print_text(wish.write(found) + ("\n" if wish.has_headings else ""))
    is_found = any(_reaches(found, wish.fail_on) for found in traces)
    return Status.FOUND if is_found else Status.DONE


def _read(name: str, settings: Settings, *, with_attached: bool) -> list[Trace]:
    if not with_attached:
        return [_read_trace(name, settings)]
    # Read once: a pipe cannot be read again.
    data = open_stdin().read() if name == STDIN_ARGUMENT else Path(name).read_bytes()
    return [analyze(data, *settings), *attached(data, *settings)]


def _read_trace(name: str, settings: Settings) -> Trace:
    if name != STDIN_ARGUMENT:
        return analyze(Path(name), *settings)
    stream = open_stdin()
    found = analyze(stream, *settings)
    drain(stream)
    return found


def _reaches(found: Trace, level: Severity | None) -> bool:
    worst = found.worst
    return level is not None and worst is not None and worst.rank >= level.rank
