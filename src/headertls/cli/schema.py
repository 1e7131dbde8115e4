"""`headertls schema`."""

from headertls.cli.printing import print_text
from headertls.cli.statuses import Status
from headertls.report.schema import read_schema


def schema() -> Status:
    """Print the JSON Schema of the documents that "trace --json" writes.

    For example:
        headertls schema > trace.schema.json
    """
    print_text(read_schema().removesuffix("\n"))
    return Status.DONE
