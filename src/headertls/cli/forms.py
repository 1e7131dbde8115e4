"""`headertls forms`."""

from typing import Annotated, Final

from headertls.cli.console import make_console
from headertls.cli.options import MORE, SiteOption, switch
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
from headertls.corpus.forms import conclude, make_forms_job
from headertls.report.forms_text import write_forms
from headertls.report.ndjson import write_json_line

_JSON: Final = "One JSON document instead of text."


def forms(
    *paths: PathsArgument,
    as_json: Annotated[bool, switch("--json", MORE, _JSON)] = False,
    workers: WorkersOption = None,
    column: ColumnOption = None,
    site: SiteOption = None,
) -> Status:
    """Do what `help` says."""
    try:
        job = make_forms_job(read_settings(site, None).site)
        outcome = run_study("forms", paths, job, workers, column)
    except FAILURES as error:
        complain(str(error))
        return Status.FAILED
    found = conclude(outcome.tally)
    print_text(
        write_json_line(found) if as_json else write_forms(found, width=make_console().width)
    )
    return tell_the_end(outcome)
