"""Mailboxes of all forms: where their messages stand, and the header block of each."""

from headertls.mailboxes.measure import measure
from headertls.mailboxes.places import Item, Place
from headertls.mailboxes.tasks import Files, Mark, Spans, Step, Task, find_mark, plan, read_task

__all__ = [
    "Files",
    "Item",
    "Mark",
    "Place",
    "Spans",
    "Step",
    "Task",
    "find_mark",
    "measure",
    "plan",
    "read_task",
]
