"""Text of a client's that stands in a frame: between words that only its server writes.

Some servers let the HELO argument, an ident answer or the name of a login hold anything: brackets,
keywords, whole clauses with a date. But they fold their lines at places of their own, and no client
can send a fold. As long as the folds are kept, the text ends where the server's next line begins,
whatever it holds. It is put out of sight while the line is read.
"""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from headertls.models import Auth, Client, Defect, DefectKind, Evidence, Hop
from headertls.parser.lexer import MAX_FIELD
from headertls.parser.quotes import quote_anew


class Frame(NamedTuple):
    """The words of one server around the text of its clients."""

    word: str
    """What the line must hold; cheaper to look for than to try the rest."""
    match: Callable[[str], re.Match[str] | None]
    part: Callable[[str], re.Match[str] | None] | None = None
    """Parts the group `text`, where it is more than one text."""


_FOLD: Final = r"\r?\n[ \t]+"


def _frame(word: str, pattern: str, parts: str | None = None) -> Frame:
    match = re.compile(f"from {pattern}").match
    return Frame(word, match, re.compile(parts).fullmatch if parts else None)


def _courier(protocol: str) -> Frame:
    """Courier says S and A only where its note has these parts; so none is made up."""
    has_auth = protocol.endswith("A")
    tls = r", TLS: [\w.]+,\d+bits,[\w-]+" if "S" in protocol.removeprefix("ESMTP") else ""
    return _frame(
        "AUTH: " if has_auth else "(IDENT: ",
        rf"[^\r\n]+{_FOLD}\((?P<text>[^\r\n]+){tls}\)"
        rf"{_FOLD}by \S+ with {protocol}{_FOLD}id [\w.]+;",
        r"(?:IDENT: +(?P<ident>.*?), )?AUTH: [\w-]+ +(?P<user>\S.*)"
        if has_auth
        else r"IDENT: +(?P<ident>\S.*)",
    )


# Each takes linear time: what a client sends is matched to the end of its line at once.
FRAMES: Final = (
    # from RDNS ([IP] helo=ARGUMENT ident=ANSWER) · from [IP] (helo=ARGUMENT)
    _frame(
        "(Exim ",
        r"(?:[\w.-]+ \(\[[^\]\s]+\](?::\d+)?|\[[^\]\s]+\](?::\d+)? \()(?P<text>[^\r\n]+)\)"
        rf"{_FOLD}by \S+ with [a-z\d-]+(?: +(?:\([^\r\n()]*\)|tls \S+)){{0,2}}\s+\(Exim \d",
        r"(?: ?helo=(?P<helo>.+?))?(?: ?ident=(?P<ident>.+))?",
    ),
    *map(_courier, ("ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA")),
    # the argument, which could hold a note of an ident answer like the one on the next line
    _frame(
        "(IDENT: ",
        r"(?P<helo>[^\r\n]+) \((?:[\w.@-]+ )?\[[^\]\s]+\]\)"
        rf"{_FOLD}\(IDENT: [^\r\n]+\){_FOLD}by \S+ with E?SMTPS?A?{_FOLD}id [\w.]+;",
    ),
    # auth=yes user=NAME, behind everything else
    _frame(
        " auth=yes user=",
        rf"[^\r\n]+{_FOLD}by \S+ \(OpenSMTPD\) with E?SMTPS?A? id \w+(?: \([\w:.-]+\))?"
        rf" auth=yes user=(?P<user>[^\r\n]+?)(?:{_FOLD}for <|;{_FOLD}(?!for <)\w)",
    ),
    _frame(
        "(ZoneMTA)",
        rf"[^\r\n]+{_FOLD}\(Authenticated sender: (?P<user>[^\r\n]+)\)"
        rf"{_FOLD}by \S+ \(ZoneMTA\) with ",
    ),
    # from [IP] (HELO ARGUMENT) · from [IP] (account USER HELO ARGUMENT)
    _frame(
        "(CommuniGate Pro ",
        r"\[[^\]\s]+\] \((?:account \S+ )?HELO (?P<helo>[^\r\n]+)\)"
        rf"{_FOLD}by \S+ \(CommuniGate Pro SMTP [\w.]+\){_FOLD}with E?SMTPS?A? id \d+",
    ),
    # from [IP] ([IP:PORT] helo=ARGUMENT)
    _frame(
        "(ecelerity ",
        r"\[[^\]\s]+\] \(\[[^\]\s]+\] helo=(?P<helo>[^\r\n]+)\)"
        rf"{_FOLD}by \S+ \(envelope-from [^\r\n]+\){_FOLD}\(ecelerity \d[^\r\n]*\) with ",
    ),
    # the argument twice, in a bracket that is never closed
    _frame(
        "([Twisted, ",
        r"(?P<helo>[^\r\n]+) \(\[[^\]\s]+\] helo=(?P<again>(?P=helo))"
        rf"{_FOLD}by \S+ with [a-z]+ \(\[Twisted, ",
    ),
)
# What could be taken for words of the server.
_has_signs: Final = re.compile(r'[\s()<>;,"]').search


class Framed(NamedTuple):
    """A line with text of the client's in it that is known by its frame."""

    raw: str
    text: str
    """The line with letters in the place of that text, one for one."""
    told: dict[str, str]
    """The text: `helo`, `ident` and `user`."""

    def restore(self, hop: Hop) -> Hop:
        """Put the client's text back into *hop*, which was read without it."""
        update: dict[str, object] = {
            "raw": self.raw,
            "client": self._restore_client(hop.client or Client()),
            **quote_anew(hop, self._restore_evidence),
        }
        if "user" in self.told:
            method = hop.auth and hop.auth.method
            update["auth"] = Auth(user=self.told["user"], method=method)
        if "helo" in self.told:
            update["defects"] = (*hop.defects, Defect(kind=DefectKind.HELO_SYNTAX))
        return hop.model_copy(update=update)

    def _restore_client(self, client: Client) -> Client:
        told = {key: text for key, text in self.told.items() if key != "user"}
        return client.model_copy(update=told)

    def _restore_evidence(self, piece: Evidence) -> Evidence:
        return piece.model_copy(update={"text": self.raw[piece.start : piece.end]})


def find_framed(raw: str) -> Framed | None:
    r"""Find text of the client's that could be misread, if its frame tells where it ends.

    >>> line = "from a.example ([192.0.2.1] helo=x) with\n by b.example with esmtp (Exim 4.98)"
    >>> find_framed(line.replace("with\n", "with esmtps (y)\n")).told
    {'helo': 'x) with esmtps (y'}
    """
    if len(raw) > MAX_FIELD:
        return None
    for frame in [frame for frame in FRAMES if frame.word in raw]:
        if found := _try(raw, frame):
            return found
    return None


def _try(raw: str, frame: Frame) -> Framed | None:
    outer = frame.match(raw)
    offset = outer.start("text") if outer and frame.part else 0
    found = frame.part(outer["text"]) if outer and frame.part else outer
    if found is None:
        return None
    told = {key: text for key, text in found.groupdict().items() if text and key != "again"}
    if not any(map(_has_signs, told.values())):
        return None
    text = raw
    for key in found.re.groupindex:
        start, end = found.span(key)
        if start < end:
            text = f"{text[: offset + start]}{'x' * (end - start)}{text[offset + end :]}"
    return Framed(raw, text, told)
