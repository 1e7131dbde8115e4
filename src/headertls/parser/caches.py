"""How often the parser knew an answer already."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from headertls.parser.addresses import parse_endpoint
from headertls.parser.plan import find_plan
from headertls.parser.software import find_product
from headertls.parser.tls import find_tls_words
from headertls.parser.vocabulary import read_protocol


class CacheCount(NamedTuple):
    """What one of the parser's caches did since the process began."""

    name: str
    """Which one: see `count_caches`."""
    hits: int
    """How often the answer was known."""
    misses: int
    """How often it had to be found."""
    entries: int
    """Answers that are kept."""
    limit: int
    """So many are kept at most; what was not asked for longest goes first."""


_CACHES: Final[Mapping[str, Callable[[], Any]]] = MappingProxyType(
    {
        "shapes": find_plan.cache_info,
        "tls_phrases": find_tls_words.cache_info,
        "protocols": read_protocol.cache_info,
        "products": find_product.cache_info,
        "addresses": parse_endpoint.cache_info,
    }
)


def count_caches() -> tuple[CacheCount, ...]:
    """Tell what the parser's caches did in this process.

    They are `shapes` (how a line of some form is to be read: a miss is a question to the grammar,
    and a hundred times as slow), `tls_phrases`, `protocols` (the words behind `with`), `products`
    (comments in which a server names itself) and `addresses`. All are bounded.

    >>> [count.name for count in count_caches()]
    ['shapes', 'tls_phrases', 'protocols', 'products', 'addresses']
    """
    return tuple(CacheCount(name, *_read(ask())) for name, ask in _CACHES.items())


def _read(info: Any) -> tuple[int, int, int, int]:  # noqa: ANN401  # its class has no public name
    return info.hits, info.misses, info.currsize, info.maxsize
