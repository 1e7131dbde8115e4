"""The words on which a verdict rests, quoted with their place."""

from collections.abc import Iterable

from headertls.models import Evidence
from headertls.report import page_wording
from headertls.report.escape import escape
from headertls.report.sentences import quote


def quote_all(pieces: Iterable[Evidence]) -> str:
    """Quote *pieces* with what they are and where they stand.

    >>> quote_all([Evidence(kind="protocol", level="keyword", text="ESMTPS", start=4, end=10)])
    '"ESMTPS" (the words behind "with", Received 4-10)'
    """
    return "; ".join(f"{quote(piece.text)} ({_write_place(piece)})" for piece in pieces)


def _write_place(piece: Evidence) -> str:
    speaker = page_wording.SPEAKERS[piece.kind]
    if piece.field is None:
        return speaker
    return f"{speaker}, {escape(piece.field).title()} {piece.start}-{piece.end}"
