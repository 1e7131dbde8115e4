"""From text to facts: trace lines, and the fields around them. Nothing is judged here."""

from headertls.parser.fields.protection import find_protection
from headertls.parser.fields.resinfo import read_authserv_id
from headertls.parser.fields.witness import is_tls_demanded, is_tls_waived, parse_witness
from headertls.parser.live import join_live
from headertls.parser.received import parse_received

__all__ = [
    "find_protection",
    "is_tls_demanded",
    "is_tls_waived",
    "join_live",
    "parse_received",
    "parse_witness",
    "read_authserv_id",
]
