"""Octets that programs smuggled through decoding as lone surrogates, which no encoding holds."""


def replace_surrogates(text: str) -> str:
    r"""Write lone surrogates as escapes, those of octets (PEP 383) as the octets that they were.

    >>> print(replace_surrogates("caf\udce9 \ud800"), replace_surrogates("caf\udcc3\udca9"))
    caf\udce9 \ud800 café
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        if _is_smuggled(text):
            return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _is_smuggled(text: str) -> bool:
    return all(not "\ud800" <= c <= "\udfff" or "\udc80" <= c <= "\udcff" for c in text)
