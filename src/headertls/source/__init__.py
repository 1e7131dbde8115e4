"""From anything that holds a message to its header fields."""

from headertls.source.attached import MAX_ATTACHED, MAX_ATTACHED_DEPTH, read_attached
from headertls.source.message import FIELDS, MAX_FIELDS, MAX_HEADER, MAX_HOPS, Field, Message
from headertls.source.opening import Source
from headertls.source.reader import read_message

__all__ = [
    "FIELDS",
    "MAX_ATTACHED",
    "MAX_ATTACHED_DEPTH",
    "MAX_FIELDS",
    "MAX_HEADER",
    "MAX_HOPS",
    "Field",
    "Message",
    "Source",
    "read_attached",
    "read_message",
]
