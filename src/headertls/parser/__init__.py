"""From text to facts: trace lines, and the fields around them. Nothing is judged here."""

from headertls.parser.live import join_live
from headertls.parser.protection import find_protection
from headertls.parser.received import parse_received
from headertls.parser.resinfo import read_authserv_id
from headertls.parser.witness import is_tls_demanded, is_tls_waived, parse_witness

__all__ = [
    "find_protection",
    "is_tls_demanded",
    "is_tls_waived",
    "join_live",
    "parse_received",
    "parse_witness",
    "read_authserv_id",
]
