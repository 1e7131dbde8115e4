"""Rows of messages that were judged, for tables and scans; those of hops are in `report.frame`."""

from headertls.rows.judged import MAKERS, JudgedMessage, Rows
from headertls.rows.messages import find_message_id, make_message_row
from headertls.rows.senders import name_receiver, name_sender

__all__ = [
    "MAKERS",
    "JudgedMessage",
    "Rows",
    "find_message_id",
    "make_message_row",
    "name_receiver",
    "name_sender",
]
