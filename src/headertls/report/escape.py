"""Header text is what strangers wrote: nothing of it may steer the reader's terminal."""

from typing import Final

ELLIPSIS: Final = "..."


def escape(text: str) -> str:
    r"""Write out everything in *text* that is not printed as a character of its own.

    Line breaks, ANSI escapes (of one octet, too), bidirectional overrides, invisible characters
    and lone surrogates become what Python would write for them.

    >>> print(escape("a\x1b[31m\n\u202eexample"))
    a\x1b[31m\n\u202eexample
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def clip(text: str, length: int) -> str:
    """Leave out the middle of *text* when it is longer than *length* characters.

    >>> clip("a-very-long-host.name.example", 16)
    'a-ve...e.example'
    """
    if len(text) <= length:
        return text
    kept = length - len(ELLIPSIS)
    return text[: kept // 3] + ELLIPSIS + text[len(text) - (kept - kept // 3) :]
