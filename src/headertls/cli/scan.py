"""`headertls scan`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from headertls.cli.console import make_console
from headertls.cli.options import MORE, PolicyOption, SiteOption, switch
from headertls.cli.page import check_page, write_html
from headertls.cli.printing import complain, print_text
from headertls.cli.scanning import (
    FAILURES,
    ColumnOption,
    PathsArgument,
    WorkersOption,
    count_workers,
    list_given,
    run_order,
)
from headertls.cli.settings import Settings, read_settings
from headertls.cli.statuses import Status
from headertls.cli.targets import check_folder
from headertls.corpus.run import Order, Outcome
from headertls.corpus.summary import sum_up
from headertls.corpus.wanted import Wanted
from headertls.corpus.work import make_job
from headertls.report.summary_text import write_summary
from headertls.report.web.summary_page import write_summary_page


class Dedupe(StrEnum):
    """By what a message is known again."""

    MESSAGE_ID = "message-id"


_OUTPUT: Final = "Write one row a hop to this file: .parquet, .ndjson, .csv or .arrow."
_MESSAGES: Final = "Write one row a message to this file, of the same forms."
_HTML: Final = "Write the summary as an HTML page to this file, too."
_DEDUPE: Final = "Count and write messages once that are there several times."
_RESUME: Final = "Go on with the same scan, which was broken off."


def scan(  # noqa: PLR0913  # a parameter for each option
    *paths: PathsArgument,
    output: Annotated[Path | None, Parameter(group=MORE, help=_OUTPUT)] = None,
    messages: Annotated[Path | None, Parameter(group=MORE, help=_MESSAGES)] = None,
    page: Annotated[Path | None, Parameter(name="--html", group=MORE, help=_HTML)] = None,
    workers: WorkersOption = None,
    dedupe: Annotated[Dedupe | None, Parameter(group=MORE, help=_DEDUPE)] = None,
    column: ColumnOption = None,
    resume: Annotated[bool, switch("--resume", MORE, _RESUME)] = False,
    site: SiteOption = None,
    policy: PolicyOption = None,
) -> Status:
    """Do what `help` says."""
    try:
        order = _make_order(paths, _list_outputs(output, messages), read_settings(site, policy))
        if page is not None:
            _check_page(page, order)
        order = order._replace(
            job=order.job._replace(is_deduped=dedupe is not None),
            workers=count_workers(workers),
            column=column,
            is_resumed=resume,
        )
        outcome = run_order(order)
    except FAILURES as error:
        complain(str(error))
        return Status.FAILED
    return _report(outcome, page)


def _list_outputs(hops: Path | None, messages: Path | None) -> tuple[Wanted, ...]:
    outputs: list[Wanted] = []
    if hops is not None:
        outputs.append(Wanted(hops, "hops"))
    if messages is not None:
        outputs.append(Wanted(messages, "messages"))
    return tuple(outputs)


def _make_order(paths: tuple[Path, ...], outputs: tuple[Wanted, ...], settings: Settings) -> Order:
    names = list_given(paths, "scan")
    if len({wanted.path.absolute() for wanted in outputs}) < len(outputs):
        raise ValueError(f"{outputs[0].path}: hops and messages cannot be written to one file")
    for wanted in outputs:
        check_folder(wanted.path)
        # a table of headers is easily lost by a slip in the arguments
        if any(_is_same(wanted.path, path) for path in paths):
            raise ValueError(f"{wanted.path}: is to be scanned, so it is left as it is")
    forms = {wanted.rows: wanted.form for wanted in outputs}
    job = make_job(*settings)._replace(hops=forms.get("hops"), messages=forms.get("messages"))
    return Order(names, job, outputs)


def _check_page(page: Path, order: Order) -> None:
    check_page(page)
    if any(page.absolute() == wanted.path.absolute() for wanted in order.outputs):
        raise ValueError(f"{page}: rows and the page cannot be written to one file")


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _report(outcome: Outcome, page: Path | None) -> Status:
    summary = sum_up(outcome.tally)
    status = Status.DONE
    # before the summary, of which somebody may want only the beginning: `| head`
    if page is not None:
        status = write_html(page, lambda: write_summary_page(summary))
    print_text(write_summary(summary, width=make_console().width))
    if outcome.failure is not None:
        complain(f"cannot write: {outcome.failure}")
    if not outcome.is_complete:
        complain(_tell_what_is_left(outcome))
        return Status.INTERRUPTED if outcome.failure is None else Status.FAILED
    return Status.FAILED if summary.unreadable else status


def _tell_what_is_left(outcome: Outcome) -> str:
    if not outcome.left:
        return "broken off: the summary is of what was read until then"
    names = " and ".join(str(path) for path in outcome.left)
    return f"broken off: what was done is in {names}; --resume goes on"
