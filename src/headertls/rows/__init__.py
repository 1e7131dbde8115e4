"""Rows of messages, for tables and scans; those of hops are in `report.frame`."""

from headertls.rows.messages import find_message_id, make_message_row
from headertls.rows.senders import name_receiver, name_sender

__all__ = ["find_message_id", "make_message_row", "name_receiver", "name_sender"]
