"""Product names and versions, out of `Server.software`."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

_CACHE_SIZE: Final = 4096

# `Exim 4.96`, `trex/6.9.1`, `mxl_mta-6.5.0-5`, `HCL Domino Release 14.0FP4`
# Tried where separators begin, not anew at each of them.
_VERSION: Final = re.compile(
    r"(?<![\s,/-])[\s,/-]++(?:v|version |release )?(\d+(?:\.\d+)*)", re.IGNORECASE
)


class Product(NamedTuple):
    """A mail product, as its marker names it."""

    name: str
    """In lower case."""
    version: tuple[int, ...] | None


@lru_cache(_CACHE_SIZE)
def read_product(software: str) -> Product:
    """Part *software* into the product's name and its version.

    >>> read_product("sendmail 8.17.1")
    Product(name='sendmail', version=(8, 17, 1))
    >>> read_product("Stalwart SMTP")
    Product(name='stalwart smtp', version=None)
    """
    found = _VERSION.search(software)
    if found is None:
        return Product(software.strip().lower(), None)
    version = tuple(int(part[:9]) for part in found[1].split("."))
    return Product(software[: found.start()].strip().lower(), version)


def iter_leading_names(name: str) -> Iterator[str]:
    """Give *name*, then what is left when its last word goes, and so on.

    Marker comments that no table of the parser knows stand as the site wrote them, with words
    behind the product's name.

    >>> list(iter_leading_names("postfix on suse"))
    ['postfix on suse', 'postfix on', 'postfix']
    """
    words = name.split()
    for count in range(len(words), 0, -1):
        yield " ".join(words[:count])
