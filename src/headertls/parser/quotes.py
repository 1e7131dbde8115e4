"""Evidence of a line that was read in other words than those it has."""

from collections.abc import Callable

from headertls.models import Evidence, Hop


def quote_anew(hop: Hop, restore: Callable[[Evidence], Evidence]) -> dict[str, object]:
    """Give those fields of *hop* that quote its line, each piece as *restore* finds it there."""
    tls = hop.tls
    if tls:
        tls = tls.model_copy(update={"evidence": tuple(map(restore, tls.evidence))})
    return {"marks": tuple(map(restore, hop.marks)), "tls": tls}
