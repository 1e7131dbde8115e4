"""`headertls milter`."""

import asyncio
import logging
from typing import Annotated, Final

from cyclopts import Parameter

from headertls.authresults import check_authserv_id
from headertls.cli.options import MORE, BorderOption, PolicyOption, SiteOption
from headertls.cli.printing import complain
from headertls.cli.settings import Settings, SettingsError, read_settings
from headertls.cli.statuses import Status
from headertls.integrations.milter import Judge, OnFail, Place, parse_place
from headertls.models import Severity

NEEDS_KILTER: Final = "the milter needs kilter.protocol: pip install 'headertls[milter]'"

_SOCKET: Final = "Where to listen: inet:PORT@HOST, inet:PORT for loopback, or unix:PATH."
_AUTHSERV_ID: Final = "The name of the own servers, under which results are written."
_FAIL_ON: Final = "From which level on a finding is acted upon, as --on-fail says."
_ON_FAIL: Final = "What to do with such a message."


def milter(  # noqa: PLR0913  # a parameter for each option
    *,
    socket: Annotated[str, Parameter(help=_SOCKET)],
    authserv_id: Annotated[str, Parameter(help=_AUTHSERV_ID)],
    border: BorderOption = False,
    site: SiteOption = None,
    policy: PolicyOption = None,
    fail_on: Annotated[Severity | None, Parameter(group=MORE, help=_FAIL_ON)] = None,
    on_fail: Annotated[OnFail, Parameter(group=MORE, help=_ON_FAIL)] = OnFail.NONE,
) -> Status:
    """Do what `help` says."""
    logging.basicConfig(format="headertls: %(levelname)s: %(message)s", level=logging.INFO)
    try:
        judge = _make_judge(authserv_id, read_settings(site, policy), fail_on, on_fail)
        _serve(parse_place(socket), judge._replace(is_border=border))
    except (SettingsError, ImportError, ValueError) as error:
        complain(str(error))
        return Status.FAILED
    except OSError as error:
        complain(f"{socket}: {error.strerror or error}")
        return Status.FAILED
    return Status.DONE


def _make_judge(
    authserv_id: str, settings: Settings, fail_on: Severity | None, on_fail: OnFail
) -> Judge:
    if on_fail is not OnFail.NONE and fail_on is None:
        raise ValueError(f"--on-fail {on_fail} needs --fail-on")
    return Judge(check_authserv_id(authserv_id), *settings, fail_on, on_fail)


def _serve(place: Place, judge: Judge) -> None:
    try:
        from headertls.integrations.milter.server import serve  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise ImportError(NEEDS_KILTER) from error
    asyncio.run(serve(place, judge, _tell))


def _tell(place: Place) -> None:
    logging.getLogger(__name__).info("listening at %s", place)
