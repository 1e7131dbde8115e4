"""Forms of text in trace lines that no rule knows."""

from enum import StrEnum

from headertls.models.base import Model


class FormKind(StrEnum):
    """What sort of text it is."""

    TLS = "tls"
    """It seems to speak of TLS, in a wording that no rule reads: the lines are `not_recorded`."""
    LINE = "line"
    """A whole line in which no clause was found."""
    PROTOCOL = "protocol"
    """The words behind `with`: no table has them, so silence behind them says nothing."""
    WORDS = "words"
    """Words between the clauses of a line that no clause took."""
    PRODUCT = "product"
    """The mark of a server of which no table tells what its silence is worth."""
    COMMENT = "comment"
    """A comment from which nothing was read."""


class Form(Model):
    """A text that no rule knows, with placeholders for whatever is somebody's."""

    kind: FormKind
    """What sort of text it is."""
    text: str
    """The text, with `HOST`, `ADDRESS`, `USER`, `ID`, `NAME`, `DATE` and `N` (numbers) in the
    places of what is somebody's, or differs from line to line."""
    lines: int
    """Lines that hold it, once each."""
    own: int
    """Those among them that own servers wrote."""
    example: str
    """The first of these lines, with the same placeholders."""


class Forms(Model):
    """What no rule knows of the lines of many messages."""

    messages: int
    """Messages that were read."""
    unreadable: int
    """Messages that could not be read."""
    lines: int
    """All lines of the messages."""
    forms: tuple[Form, ...]
    """By kind, those that weigh most first, and by the number of lines."""
    left_out: int = 0
    """Lines with forms that were not counted by themselves, since there were too many."""
