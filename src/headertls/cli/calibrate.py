"""`headertls calibrate`."""

import os
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from headertls.cli.console import make_console
from headertls.cli.options import MORE, SiteOption
from headertls.cli.printing import complain, print_text
from headertls.cli.scanning import (
    FAILURES,
    ColumnOption,
    PathsArgument,
    WorkersOption,
    run_study,
    tell_the_end,
)
from headertls.cli.settings import read_settings
from headertls.cli.statuses import Status
from headertls.cli.targets import check_target
from headertls.corpus.calibration import SENDERS_RULE, conclude, make_calibration_job
from headertls.corpus.habits import WRITERS_RULE
from headertls.models import Calibration
from headertls.report.calibration_text import Rules, list_notes, write_calibration
from headertls.settings import format_site

_OUTPUT: Final = (
    "Write the site to this new file; without it, all is printed as TOML, the tables as comments."
)
_RULES: Final = Rules(WRITERS_RULE, SENDERS_RULE)
_FILE_WIDTH: Final = 98
_NOTHING: Final = "# Nothing was learned, and nothing was given."


def calibrate(
    *paths: PathsArgument,
    output: Annotated[Path | None, Parameter(name="--output", group=MORE, help=_OUTPUT)] = None,
    workers: WorkersOption = None,
    column: ColumnOption = None,
    site: SiteOption = None,
) -> Status:
    """Do what `help` says."""
    try:
        settings = read_settings(site, None)
        if output is not None:
            _check_output(output)
        job = make_calibration_job(settings.site)
        outcome = run_study("calibrate", paths, job, workers, column)
    except FAILURES as error:
        complain(str(error))
        return Status.FAILED
    found = conclude(outcome.tally, settings.site)
    status = tell_the_end(outcome)
    # Of part of the mail more would be learned than all of it says.
    text = _write_toml(found) if outcome.is_complete else ""
    if output is None:
        # A file is not as narrow as a screen.
        tables = write_calibration(found, _RULES, width=_FILE_WIDTH)
        commented = "\n".join(f"# {line}".rstrip() for line in tables.splitlines())
        print_text("\n\n".join(filter(None, (commented, text.rstrip("\n")))))
        return status
    # before the evidence, of which somebody may want only the beginning: `| head`
    status = max(status, _write(output, text)) if text else status
    print_text(write_calibration(found, _RULES, width=make_console().width))
    return status


def _check_output(path: Path) -> None:
    # a link to nowhere would not be followed, either
    if os.path.lexists(path):
        raise ValueError(f"{path}: is there already, so it is left as it is")
    check_target(path)


def _write_toml(found: Calibration) -> str:
    return format_site(found.site, list_notes(found)) or f"{_NOTHING}\n"


def _write(path: Path, text: str) -> Status:
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        complain(f"{path}: {error.strerror or error}")
        return Status.FAILED
    return Status.DONE
