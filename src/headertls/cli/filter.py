"""`headertls filter`."""

import os
import signal
import tempfile
from pathlib import Path
from typing import Annotated, BinaryIO, Final, NamedTuple

from cyclopts import Group, Parameter

from headertls.authresults import Marked, Marker, mark_stream
from headertls.cli.options import MORE, BorderOption, PolicyOption, SiteOption
from headertls.cli.printing import complain, discard_output, find_stdout
from headertls.cli.settings import SettingsError, read_settings
from headertls.cli.statuses import MailStatus
from headertls.cli.streams import STDIN, STDIN_ARGUMENT, open_stdin
from headertls.models import LiveConnection, Profile, Severity

_LIVE: Final = Group("What the mail server knows of the connection")

_AUTHSERV_ID: Final = (
    "The name of the own servers, by which readers know whose word the result is (RFC 8601);"
    " without it, the first of authserv_ids in the file of --site."
)
_FAIL_ON: Final = (
    "Refuse the message, with status 77, when a finding of a trusted line is, under the policy, of"
    " this level or a graver one."
)
_COMMAND: Final = "What to hand the message to, such as sendmail; without it, it is written out."
_ADDRESS: Final = (
    "The client's address. It needs --tls-version or --cipher; if it is empty, none of these is"
    " looked at."
)
_VERSION: Final = "The session's version of TLS; empty or none where there was no TLS."
_CIPHER: Final = "Its cipher suite; empty or none where there was no TLS."


def filter_message(  # noqa: PLR0913  # a parameter for each option
    *command: Annotated[str, Parameter(name="COMMAND", help=_COMMAND)],
    authserv_id: Annotated[
        str | None, Parameter(name="--authserv-id", group=MORE, help=_AUTHSERV_ID)
    ] = None,
    border: BorderOption = False,
    site: SiteOption = None,
    policy: PolicyOption = None,
    fail_on: Annotated[
        Severity | None, Parameter(name="--fail-on", group=MORE, help=_FAIL_ON)
    ] = None,
    address: Annotated[
        str | None, Parameter(name="--client-address", group=_LIVE, help=_ADDRESS)
    ] = None,
    name: Annotated[
        str | None, Parameter(name="--client-name", group=_LIVE, help="Its verified name.")
    ] = None,
    helo: Annotated[
        str | None, Parameter(name="--helo", group=_LIVE, help="What it called itself.")
    ] = None,
    version: Annotated[
        str | None, Parameter(name="--tls-version", group=_LIVE, help=_VERSION)
    ] = None,
    cipher: Annotated[str | None, Parameter(name="--cipher", group=_LIVE, help=_CIPHER)] = None,
    server: Annotated[
        str | None, Parameter(name="--server-name", group=_LIVE, help="The own server's name.")
    ] = None,
) -> int:
    """Read a message from the standard input, and write it out with a result on top."""
    facts = _Facts(address, name, helo, version, cipher, server)
    try:
        marker = _make_marker(authserv_id, site, policy, is_border=border)
        order = _Order(marker, facts.read(), fail_on, tuple(command))
        return _pass_on(order)
    except BrokenPipeError:
        discard_output()
        complain("whoever should take the message has gone")
    except OSError as error:
        complain(f"cannot pass the message on: {error.strerror or error}")
    except (SettingsError, ValueError) as error:
        complain(str(error))
    # A mistake of ours, or no memory: the server shall keep the message.
    except Exception as error:  # noqa: BLE001
        complain(f"cannot pass the message on: {type(error).__name__}: {error}")
    return MailStatus.TRY_AGAIN


class _Facts(NamedTuple):
    """What the options tell of the connection, as text."""

    address: str | None
    rdns: str | None
    helo: str | None
    tls_version: str | None
    cipher: str | None
    server: str | None

    def read(self) -> LiveConnection | None:
        """Read the facts, if they are of a connection; an odd address is none to rely upon."""
        if not self.address:
            return None
        if self.tls_version is None and self.cipher is None:
            # Silence would be taken for plaintext.
            raise ValueError("--client-address: needs --tls-version or --cipher")
        told = {name: value or None for name, value in self._asdict().items()}
        try:
            return LiveConnection(**told)
        except ValueError:
            complain(f"--client-address: {self.address} is no IP address, so the header decides")
            return None


class _Order(NamedTuple):
    """What the options ask for."""

    marker: Marker
    live: LiveConnection | None
    fail_on: Severity | None
    command: tuple[str, ...]


def _make_marker(
    authserv_id: str | None, site: Path | None, policy: Profile | Path | None, *, is_border: bool
) -> Marker:
    settings = read_settings(site, policy)
    names = settings.site.authserv_ids if settings.site else ()
    own = next(iter(names), None) if authserv_id is None else authserv_id
    if own is None:
        raise ValueError("--authserv-id: is needed; it is a name such as mx.site.example")
    return Marker(own, *settings, is_border=is_border)


def _pass_on(order: _Order) -> int:
    if order.command:
        return _hand_over(order)
    marked = _copy(order, find_stdout().buffer)
    return _judge(order, marked)


def _hand_over(order: _Order) -> int:
    """Keep the message until it is complete, and become the command, with it as its input.

    A pipe would not do: if the filter were killed halfway, the command would take the half for a
    message. And as a child it would go on after the filter was killed, and the server would try
    again what was done already.
    """
    with tempfile.TemporaryFile() as file:
        marked = _copy(order, file)
        status = _judge(order, marked)
        if status:
            return status
        file.seek(0)
        _become([STDIN if word == STDIN_ARGUMENT else word for word in order.command], file)
    return MailStatus.TRY_AGAIN


def _become(command: list[str], file: BinaryIO) -> None:
    os.dup2(file.fileno(), 0)
    # Python ignores it, and programs inherit that.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)  # noqa: S606  # what the administrator wants called
    except OSError as error:
        raise OSError(f"{command[0]}: {error.strerror}") from error


def _copy(order: _Order, out: BinaryIO) -> Marked:
    try:
        message = open_stdin()
    except OSError as error:
        raise OSError(f"the standard input {error}") from error
    marked = mark_stream(message.read, out.write, order.marker, order.live)
    out.flush()
    if marked.failure:
        complain(f"{marked.failure}, so the message passes {_tell_how(marked)}")
    return marked


def _tell_how(marked: Marked) -> str:
    return f"as a {marked.field.result.word}" if marked.field else "as it came"


def _judge(order: _Order, marked: Marked) -> MailStatus:
    """Tell whether the message may pass: the lines of own servers alone decide."""
    if marked.field is None or not marked.field.result.reaches(order.fail_on):
        return MailStatus.DONE
    complain(f"the message is refused: {marked.field.value}")
    return MailStatus.REFUSED
