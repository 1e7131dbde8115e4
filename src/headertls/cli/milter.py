"""`headertls milter`."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from headertls.authresults import check_authserv_id
from headertls.cli.options import MORE, PolicyOption, SiteOption
from headertls.cli.printing import complain
from headertls.cli.settings import SettingsError, read_settings
from headertls.cli.statuses import Status
from headertls.integrations.milter import Judge, OnFail, Place, parse_place, serve
from headertls.models import Severity

_SOCKET: Final = "Where to listen: inet:PORT@HOST, inet:PORT for loopback, or unix:PATH."
_AUTHSERV_ID: Final = "The name of the own servers, under which results are written."
_FAIL_ON: Final = "From which level on a finding is acted upon, as --on-fail says."
_ON_FAIL: Final = "What to do with such a message."


def milter(  # noqa: PLR0913  # a parameter for each option
    *,
    socket: Annotated[str, Parameter(help=_SOCKET)],
    authserv_id: Annotated[str, Parameter(help=_AUTHSERV_ID)],
    site: SiteOption = None,
    policy: PolicyOption = None,
    fail_on: Annotated[Severity | None, Parameter(group=MORE, help=_FAIL_ON)] = None,
    on_fail: Annotated[OnFail, Parameter(group=MORE, help=_ON_FAIL)] = OnFail.NONE,
) -> Status:
    """Do what `milter_help` says."""
    logging.basicConfig(format="headertls: %(levelname)s: %(message)s", level=logging.INFO)
    try:
        judge = Judge(
            check_authserv_id(authserv_id), *read_settings(site, policy), fail_on, on_fail
        )
        asyncio.run(serve(parse_place(socket), judge, _tell))
    except (SettingsError, ValueError) as error:
        complain(str(error))
        return Status.FAILED
    except OSError as error:
        complain(f"{socket}: {error.strerror or error}")
        return Status.FAILED
    return Status.DONE


def _tell(place: Place) -> None:
    logging.getLogger(__name__).info("listening at %s", place)
