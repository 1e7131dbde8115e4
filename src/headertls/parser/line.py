"""A field's tokens together with the plan of how to read them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from headertls.models import Defect, DefectKind
from headertls.parser.comments import Comment, read_comment
from headertls.parser.plan import Plan


class Line(NamedTuple):
    """What the readers of values work on."""

    raw: str
    tokens: list[str]
    plan: Plan
    defects: list[Defect]

    def words(self, span: tuple[int, int]) -> str:
        """The tokens of *span* with one blank between them."""
        start, end = span
        if end - start == 1:
            word = self.tokens[start]
            is_collapsed = word.isprintable() and "  " not in word
            return word if is_collapsed else " ".join(word.split())
        return " ".join(" ".join(self.tokens[start:end]).split())

    def comments(self, indices: Iterable[int]) -> Iterator[Comment]:
        """Those of the tokens that are comments, read; set phrases are left out."""
        tokens = self.tokens
        return (read_comment(tokens[i]) for i in indices if tokens[i][0] == "(")

    def spot(self, index: int) -> int:
        """Where in `raw` the token at *index* begins."""
        place = self.raw.find(self.tokens[index])
        if self.raw.find(self.tokens[index], place + 1) < 0:
            return place
        return self._spot_in_order(index)

    def reach(self, span: tuple[int, int]) -> tuple[int, int]:
        """Where in `raw` the tokens of *span* begin and end."""
        first, last = span[0], span[1] - 1
        start = self.spot(first)
        end = start if first == last else self.spot(last)
        return start, end + len(self.tokens[last])

    def _spot_in_order(self, index: int) -> int:
        """Where the token begins of which the line holds a double."""
        shape, tokens, raw = self.plan.shape, self.tokens, self.raw
        place = i = 0
        while True:
            place = raw.index(tokens[i], place)
            if i == index:
                return place
            if shape[i] != "{":
                place += len(tokens[i])
                i += 1
                continue
            close = shape.index("}", i)
            if index <= close:
                # an opened comment stands before and behind its own tokens
                return self._spot_inside(i, index, place)
            place += len(tokens[i])
            i = close + 1

    def _spot_inside(self, opening: int, index: int, place: int) -> int:
        if self.plan.shape[index] == "}":
            return place
        for token in self.tokens[opening + 1 : index]:
            place = self.raw.index(token, place) + len(token)
        return self.raw.index(self.tokens[index], place)

    def note(self, kind: DefectKind, text: str = "") -> None:
        """Record a defect, once for each kind."""
        if all(defect.kind is not kind for defect in self.defects):
            self.defects.append(Defect(kind=kind, text=text))
