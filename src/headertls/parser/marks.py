"""Words beside those of TLS on which a verdict may rest, with their places in the line."""

from headertls.models import Evidence, EvidenceKind, EvidenceLevel, Tls, TlsConflict
from headertls.models.build import new_evidence
from headertls.parser.comments import read_comment
from headertls.parser.encryption import find_denials
from headertls.parser.line import Line
from headertls.parser.plan import NONE
from headertls.parser.vocabulary import ProtocolWords


def read_marks(
    line: Line, protocol: ProtocolWords, tls: Tls | None, product: int
) -> tuple[Evidence, ...]:
    """Find the words that bear on the verdict of *line*.

    What a line with TLS says besides is of no weight, unless it contradicts or tells of a login.

    Args:
        line: Whose `from` clause names a client; a server's note about itself has no verdict to
            support.
        protocol: The words behind `with`, read.
        tls: What the line says of TLS.
        product: The place of the comment by which the product is known, or -1.
    """
    plan = line.plan
    marks: list[Evidence] = []
    is_silent = tls is None
    if is_silent:
        marks += [
            _mark(EvidenceKind.NOTE, EvidenceLevel.DETAIL, line, (index, index + 1))
            for index in find_denials(line)
        ]
    understates = tls is not None and TlsConflict.KEYWORD_UNDERSTATES in tls.conflicts
    if plan.protocol != NONE and (is_silent or understates):
        level = EvidenceLevel.KEYWORD if protocol.registered else EvidenceLevel.INFORMAL
        marks.append(_mark(EvidenceKind.PROTOCOL, level, line, plan.protocol))
    if is_silent and product >= 0:
        marks.append(
            _mark(EvidenceKind.PRODUCT, EvidenceLevel.KEYWORD, line, (product, product + 1))
        )
    if plan.auth:
        marks += _find_logins(line)
    return tuple(marks)


def _find_logins(line: Line) -> list[Evidence]:
    return [
        _mark(EvidenceKind.AUTHENTICATION, EvidenceLevel.KEYWORD, line, (index, index + 1))
        for index in line.plan.auth
        if line.tokens[index][0] == "(" and read_comment(line.tokens[index]).auth
    ]


def _mark(kind: EvidenceKind, level: EvidenceLevel, line: Line, span: tuple[int, int]) -> Evidence:
    start, end = line.reach(span)
    return new_evidence(
        {
            "kind": kind,
            "level": level,
            "text": line.raw[start:end],
            "start": start,
            "end": end,
            "denies": kind is not EvidenceKind.AUTHENTICATION,
        }
    )
