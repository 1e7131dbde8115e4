"""The command line: arguments and exit codes, nothing else."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NamedTuple, TextIO, TypeVar

from headertls.analysis import analyze, attached
from headertls.models import Policy, Profile, Severity, Site, Trace
from headertls.redaction import redact
from headertls.report import html
from headertls.report.escape import escape
from headertls.report.ndjson import write_json_line
from headertls.report.schema import read_schema
from headertls.report.sentences import write_heading
from headertls.report.text import explain
from headertls.settings import read_policy, read_site

try:
    from cyclopts import App, CycloptsError, Group, Parameter
    from cyclopts.validators import LimitedChoice
    from rich.console import Console

    from headertls.report.table import render
except ModuleNotFoundError as missing:
    if (missing.name or "").partition(".")[0] not in {"cyclopts", "rich"}:
        raise
    sys.stderr.write("headertls: the command line needs more: pip install 'headertls[cli]'\n")
    raise SystemExit(2) from None

STDIN: Final = "-"

# cyclopts would take a lone `-` for an option; NUL is in no argument that a process can get.
_STDIN_ARGUMENT: Final = "\0"
_CHUNK: Final = 1 << 16

_Read = TypeVar("_Read", Site, Policy)


class Status(IntEnum):
    """What the command exits with."""

    DONE = 0
    FOUND = 1
    """A finding reached the level of `--fail-on`."""
    FAILED = 2
    """An input or a file of settings could not be read, an argument is wrong, or the output could
    not be written."""
    INTERRUPTED = 130
    """As shells report SIGINT."""
    PIPE_CLOSED = 141
    """As shells report SIGPIPE."""


app: Final = App(
    name="headertls",
    help="How was this e-mail transported, and how do we know?",
    version=lambda: version("headertls"),
    help_format="plaintext",
)


def _switch(name: str, group: Group) -> Parameter:
    return Parameter(name=name, negative="", show_default=False, group=group)


_OUTPUT: Final = Group("Output instead of the table", validator=LimitedChoice())
_MORE: Final = Group("Options")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        arguments: Without the program's name; those of the process when left out.
    """
    tokens = sys.argv[1:] if arguments is None else arguments
    try:
        return _run([_STDIN_ARGUMENT if token == STDIN else token for token in tokens])
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return Status.PIPE_CLOSED
    except OSError as error:
        _discard_output()
        _complain(f"cannot write: {error.strerror}")
        return Status.FAILED


@app.command(usage="Usage: headertls trace [OPTIONS] [FILE|-]...")
def trace(  # noqa: PLR0913  # a parameter for each option
    *files: Annotated[str, Parameter(name="FILE")],
    as_json: Annotated[bool, _switch("--json", _OUTPUT)] = False,
    explained: Annotated[bool, _switch("--explain", _OUTPUT)] = False,
    page: Annotated[str | None, Parameter(name="--html", group=_OUTPUT)] = None,
    with_attached: Annotated[bool, _switch("--attached", _MORE)] = False,
    site: Annotated[str | None, Parameter(group=_MORE)] = None,
    policy: Annotated[str | None, Parameter(group=_MORE)] = None,
    fail_on: Annotated[Severity | None, Parameter(group=_MORE)] = None,
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
        settings = _Settings(
            site=None if site is None else _read_settings(site, read_site),
            policy=None if policy is None else _read_policy(policy),
        )
    except _SettingsError as error:
        _complain(str(error))
        return Status.FAILED
    wish = _Wish(
        settings=settings,
        write=_choose_writer(as_json=as_json, explained=explained),
        has_headings=not as_json and (with_attached or len(files) > 1),
        drawn=None if page is None else {},
        with_attached=with_attached,
        fail_on=fail_on,
    )
    status = max([_show(name, wish) for name in files or (_STDIN_ARGUMENT,)])
    if page is not None and wish.drawn is not None:
        return max(status, _write_page(page, wish.drawn))
    return status


@app.command
def schema() -> Status:
    """Print the JSON Schema of the documents that "trace --json" writes.

    For example:
        headertls schema > trace.schema.json
    """
    _print(read_schema().removesuffix("\n"))
    return Status.DONE


@app.command(name="redact", usage="Usage: headertls redact [FILE|-]")
def redact_message(
    file: Annotated[str, Parameter(name="FILE", show_default=False)] = _STDIN_ARGUMENT, /
) -> Status:
    """Print the header of a message so that it can be shown in public.

    Names, addresses, users, ids and texts are replaced, and times are moved,
    all by the same span; fields that do not bear on the transport are left
    out. "headertls trace" says of the result what it says of the message. Look
    at the result before you post it.

    For example:
        headertls redact message.eml > header.txt

    Args:
        file: The file to read; "-", or none at all, is the standard input.
    """
    try:
        shown = _redact(file)
    except OSError as error:
        title = "standard input" if file == _STDIN_ARGUMENT else file
        _complain(f"{title}: {error.strerror or error}")
        return Status.FAILED
    if shown:
        _print(shown.removesuffix("\n"))
    return Status.DONE


def _redact(name: str) -> str:
    if name != _STDIN_ARGUMENT:
        return redact(Path(name))
    stream = _open_stdin()
    shown = redact(stream)
    _drain(stream)
    return shown


class _Settings(NamedTuple):
    """How the caller wants messages judged."""

    site: Site | None
    policy: Policy | None


class _Wish(NamedTuple):
    """What the options ask for."""

    settings: _Settings
    write: Callable[[Trace], str]
    has_headings: bool
    drawn: dict[str, Trace] | None
    """Where traces are gathered by their titles instead of being printed."""
    with_attached: bool
    fail_on: Severity | None


def _run(tokens: Sequence[str]) -> int:
    try:
        command, bound, *_ = app.parse_args(tokens, print_error=False, exit_on_error=False)
    except CycloptsError as error:
        text = str(error).replace(_STDIN_ARGUMENT, STDIN)
        _complain(f"{' '.join(text.split())} Try: headertls --help")
        return Status.FAILED
    # `--help` and `--version` are commands, too, and return nothing.
    return command(*bound.args, **bound.kwargs) or Status.DONE


def _choose_writer(*, as_json: bool, explained: bool) -> Callable[[Trace], str]:
    if as_json:
        return write_json_line
    console = Console()
    if explained:
        return lambda found: explain(found, width=console.width)
    return lambda found: render(found, console)


class _SettingsError(Exception):
    """A file of settings cannot be read; the text says which one, and why."""


def _read_policy(name: str) -> Policy:
    if name in set(Profile):
        return Policy(profile=Profile(name))
    if not Path(name).exists():
        known = ", ".join(Profile)
        raise _SettingsError(f"{name}: is neither a file nor one of the profiles {known}")
    return _read_settings(name, read_policy)


def _read_settings(name: str, read: Callable[[str], _Read]) -> _Read:
    try:
        return read(name)
    except OSError as error:
        raise _SettingsError(f"{name}: {error.strerror or error}") from error
    except ValueError as error:
        raise _SettingsError(f"{name}: {error}") from error


def _show(name: str, wish: _Wish) -> Status:
    title = "standard input" if name == _STDIN_ARGUMENT else name
    try:
        traces = _read(name, wish.settings, with_attached=wish.with_attached)
    except OSError as error:
        _complain(f"{title}: {error.strerror or error}")
        return Status.FAILED
    for number, found in enumerate(traces):
        heading = f"{title}, attached message {number}" if number else title
        if wish.drawn is not None:
            wish.drawn[heading] = found
            continue
        if wish.has_headings:
            _print(write_heading(heading))
        _print(wish.write(found) + ("\n" if wish.has_headings else ""))
    is_found = any(_reaches(found, wish.fail_on) for found in traces)
    return Status.FOUND if is_found else Status.DONE


def _write_page(name: str, drawn: Mapping[str, Trace]) -> Status:
    try:
        if _is_other_file(Path(name)):
            _complain(f"{name}: is there already, and no HTML page, so it is left as it is")
            return Status.FAILED
        Path(name).write_text(html(drawn), encoding="utf-8")
    except OSError as error:
        _complain(f"{name}: {error.strerror or error}")
        return Status.FAILED
    return Status.DONE


def _is_other_file(path: Path) -> bool:
    """Tell whether *path* is no page: who forgets its name would lose a message."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(_CHUNK)
    return start.strip() != b"" and not start.lstrip().lower().startswith(b"<!doctype html")


def _read(name: str, settings: _Settings, *, with_attached: bool) -> list[Trace]:
    if not with_attached:
        return [_read_trace(name, settings)]
    # Read once: a pipe cannot be read again.
    data = _open_stdin().read() if name == _STDIN_ARGUMENT else Path(name).read_bytes()
    return [analyze(data, *settings), *attached(data, *settings)]


def _read_trace(name: str, settings: _Settings) -> Trace:
    if name != _STDIN_ARGUMENT:
        return analyze(Path(name), *settings)
    stream = _open_stdin()
    found = analyze(stream, *settings)
    _drain(stream)
    return found


def _drain(stream: BinaryIO) -> None:
    """Read the rest: who writes to us is not to find the pipe closed before the message ends."""
    while stream.read(_CHUNK):
        pass


def _open_stdin() -> BinaryIO:
    # Python has none when the process was started with it closed.
    stdin: TextIO | None = sys.stdin
    if stdin is None:
        raise OSError("is closed")
    return stdin.buffer


def _reaches(found: Trace, level: Severity | None) -> bool:
    worst = found.worst
    return level is not None and worst is not None and worst.rank >= level.rank


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    shown = text.encode(encoding, "backslashreplace").decode(encoding)
    print(shown, flush=True)  # noqa: T201  # this is the command's output


def _complain(text: str) -> None:
    if stderr := getattr(sys, "stderr", None):
        print(f"headertls: {escape(text)}", file=stderr, flush=True)


def _discard_output() -> None:
    """Python flushes once more at its exit: give it a place to write to."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
