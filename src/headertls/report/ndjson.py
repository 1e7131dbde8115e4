"""A trace as one line of JSON."""

import json

from headertls.models import Trace


def write_json_line(trace: Trace) -> str:
    r"""Write *trace* as a JSON document of one line, in printable ASCII only.

    The document is the one of `Trace.model_dump_json`; but letters beyond ASCII are escaped, so
    that it passes terminals and pipes of every encoding, and hostile ones (bidirectional
    overrides, control characters beyond ASCII) reach no screen.

    >>> write_json_line(Trace())[:47]
    '{"schema_version":"2.0","hops":[],"entry":null,'
    """
    document = json.dumps(trace.model_dump(mode="json"), separators=(",", ":"))
    # The one control character that JSON lets stand.
    return document.replace("\x7f", "\\u007f")
