"""From anything that holds a message to its header fields."""

from headertls.source.attached import MAX_ATTACHED, MAX_ATTACHED_DEPTH, read_attached
from headertls.source.message import MAX_HEADER, MAX_HOPS, WITNESS_FIELDS, Message
from headertls.source.opening import Source
from headertls.source.reader import read_message

__all__ = [
    "MAX_ATTACHED",
    "MAX_ATTACHED_DEPTH",
    "MAX_HEADER",
    "MAX_HOPS",
    "WITNESS_FIELDS",
    "Message",
    "Source",
    "read_attached",
    "read_message",
]
