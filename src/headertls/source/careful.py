"""The thorough way: line by line, with repair where a block is damaged.

A line that is neither a field nor the continuation of one is damage. If a trace line above lacks
its end, it is taken for the lost continuation; otherwise it is left out. A block without such
lines is altered only in trace lines for which `pasted.is_encoded` holds.
"""

import re
from collections.abc import Iterator
from typing import Final

from headertls.models import Defect, DefectKind
from headertls.source import pasted
from headertls.source.block import Block, isolate_block, shorten
from headertls.source.message import BLANKS, FIELDS, MAX_FIELDS, MAX_HOPS, Field, Message

MAX_STRAYS: Final = 1000
"""Lines that are no field, until the rest of the block counts as body."""

MAX_REJOINED: Final = 64
"""Lost continuations that one trace line gets back."""

_LINE: Final = re.compile(r"[^\n]*+\n|[^\n]++")
# RFC 5322, 2.2 and 4.5 (blanks before the colon); `>` is left to the quote marks.
_FIELD: Final = re.compile(r"([!-9;=?-~][!-9;-~]*+)[ \t]*+:")
_BLANKS: Final = BLANKS.decode()


def read_carefully(data: bytes) -> Message:
    r"""Read the header of *data*, in whatever state it is.

    >>> message = read_carefully(b"> Received: from a.example\n> by b.example; date\n")
    >>> message.received
    ('from a.example\n by b.example; date',)
    >>> [defect.kind.value for defect in message.defects]
    ['pasted']
    """
    block = isolate_block(data)
    lines: list[str] = _LINE.findall(block.text)
    is_marked = _is_marked(lines)
    assembly = Assembly(pasted.strip_marks(lines) if is_marked else lines)
    if is_marked:
        assembly.mended.insert(0, lines[0])
    if block.is_cut:
        assembly.drop_last()
    return _build(block, assembly)


class Assembly:
    """Fields put together from lines."""

    def __init__(self, lines: list[str]) -> None:
        self.fields: list[tuple[str, list[str]]] = []
        """The name of each field, and its lines; the first begins behind the colon."""
        self.strays: list[str] = []
        self.mended: list[str] = []
        """Lines that were read only after repair."""
        self.softly_broken: str | None = None
        """The first line that quoted-printable had broken in two."""
        # Where a continuation goes: the lines of the last field, or of a stray line.
        self._open: list[str] = []
        self._rejoined = 0
        for line in lines:
            self._add(line)
            if len(self.strays) > MAX_STRAYS:
                break

    def drop_last(self) -> None:
        """Leave out the last field, if the block ended before it did."""
        if self.fields and self.fields[-1][1] is self._open:
            self.fields.pop()

    def _add(self, line: str) -> None:
        field = _FIELD.match(line)
        if line[0] in " \t" and self._open:
            self._open.append(line)
        elif field and line[0].isalpha():
            self._begin(field)
        else:
            self._mend(line, field)

    def _begin(self, field: re.Match[str]) -> None:
        self._open = [field.string[field.end() :]]
        self.fields.append((field[1], self._open))
        self._rejoined = 0

    def _mend(self, line: str, field: re.Match[str] | None) -> None:
        """Find out what a line is that looks like no field, or begins like `18:36:45 +0000`."""
        core = pasted.strip_junk(line)
        hidden = _FIELD.match(core) if core != line else None
        if hidden and core[0].isalpha():
            self.mended.append(line)
            self._begin(hidden)
        elif core and self._lacks_end(core):
            self.mended.append(line)
            self._rejoin(core)
        elif field:
            self._begin(field)
        else:
            self.strays.append(line)
            self._open = [line]

    def _lacks_end(self, line: str) -> bool:
        """Tell whether the field above is a trace line that *line* may continue."""
        if not self.fields or self.fields[-1][1] is not self._open:
            return False
        if self._rejoined >= MAX_REJOINED or self.fields[-1][0].lower() != "received":
            return False
        return pasted.may_continue("".join(self._open[-3:]), line)

    def _rejoin(self, line: str) -> None:
        self._rejoined += 1
        soft_break = pasted.find_soft_break(self._open[-1])
        if soft_break is None:
            self._open.append(" " + line)
        else:
            self.softly_broken = self.softly_broken or self._open[-1]
            self._open[-1] = self._open[-1][:soft_break] + line


def _is_marked(lines: list[str]) -> bool:
    """Tell whether the first line is an indented or quoted field."""
    if not lines or _FIELD.match(lines[0]):
        return False
    return _FIELD.match(pasted.strip_junk(lines[0])) is not None


def _build(block: Block, assembly: Assembly) -> Message:
    fields: list[tuple[str, str]] = []
    received: list[str] = []
    around: list[Field] = []
    damaged = assembly.softly_broken
    for name, lines in assembly.fields:
        value = "".join(lines)
        if name.lower() == "received":
            restored, is_decoded = _restore(value, is_damaged=bool(assembly.mended))
            damaged = damaged or (value if is_decoded else None)
            received.append(restored.strip(_BLANKS))
            value = restored
        elif name.lower() in FIELDS:
            around.append(Field(name.lower(), value.strip(_BLANKS), len(received)))
        fields.append((name, value))
    defects = _list_defects(assembly, damaged, len(received))
    return Message(
        tuple(received[:MAX_HOPS]),
        (*block.defects, *defects),
        _join(fields),
        tuple(around[:MAX_FIELDS]),
    )


def _restore(value: str, *, is_damaged: bool) -> tuple[str, bool]:
    """Return the value of a trace line, and whether leftovers of an encoding were undone."""
    if not is_damaged and not pasted.is_encoded(value):
        return value, False
    decoded = pasted.decode_leftovers(value)
    return pasted.restore_blanks(decoded), decoded != value


def _list_defects(assembly: Assembly, damaged: str | None, hops: int) -> Iterator[Defect]:
    if assembly.strays:
        yield Defect(kind=DefectKind.BAD_FIELD, text=shorten(assembly.strays[0]))
    if assembly.mended:
        yield Defect(kind=DefectKind.PASTED, text=shorten(assembly.mended[0]))
    if damaged is not None:
        yield Defect(kind=DefectKind.TRANSPORT_DAMAGE, text=shorten(damaged))
    if hops > MAX_HOPS:
        yield Defect(kind=DefectKind.TOO_MANY_HOPS, text=f"{hops} trace lines")


def _join(fields: list[tuple[str, str]]) -> bytes:
    lines = (f"{name}:{value}" for name, value in fields)
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines).encode()
