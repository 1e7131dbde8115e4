"""`headertls schema`."""

from headertls.cli.printing import print_text
from headertls.cli.statuses import Status
from headertls.report.schema import read_schema


def schema() -> Status:
    """Do what `help` says."""
    print_text(read_schema().removesuffix("\n"))
    return Status.DONE
