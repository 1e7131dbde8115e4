"""A trace, or another document, as one line of JSON."""

import json

from headertls.models.base import Model


def write_json_line(found: Model) -> str:
    r"""Write *found* as a JSON document of one line, in printable ASCII only.

    The document is the one of `model_dump_json`; but letters beyond ASCII are escaped, so
    that it passes terminals and pipes of every encoding, and hostile ones (bidirectional
    overrides, control characters beyond ASCII) reach no screen.

    >>> from headertls import Trace
    >>> write_json_line(Trace())[:47]
    '{"schema_version":"2.0","hops":[],"entry":null,'
    """
    document = json.dumps(found.model_dump(mode="json"), separators=(",", ":"))
    # The one control character that JSON lets stand.
    return document.replace("\x7f", "\\u007f")
