"""The result of an analysis as an `Authentication-Results` field (RFC 8601): written and read."""

from headertls.authresults.claims import claims_result, list_own_ids
from headertls.authresults.fields import find_result_fields, make_error_field, make_result_field
from headertls.authresults.marking import Marked, Marker
from headertls.authresults.rewriting import (
    add_result_field,
    strip_own_results,
    strip_result_fields,
)
from headertls.authresults.streams import mark_stream
from headertls.authresults.syntax import check_authserv_id, parse_result_field

__all__ = [
    "Marked",
    "Marker",
    "add_result_field",
    "check_authserv_id",
    "claims_result",
    "find_result_fields",
    "list_own_ids",
    "make_error_field",
    "make_result_field",
    "mark_stream",
    "parse_result_field",
    "strip_own_results",
    "strip_result_fields",
]
