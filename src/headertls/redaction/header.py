"""From a message to a header block for the public: `redact`."""

import re
from secrets import token_bytes
from typing import Final

from headertls.models import Hop
from headertls.parser import parse_received
from headertls.redaction.fields import WRITTEN, redact_field
from headertls.redaction.lines import redact_line
from headertls.redaction.pseudonyms import Pseudonyms
from headertls.redaction.texts import Redactor
from headertls.redaction.times import choose_shift
from headertls.source import Message, Source, read_message

_KEY_OCTETS: Final = 32
_TAB: Final = "\n\t"
_LAYOUT: Final = "\r\n\t"
_BLANK: Final = re.compile(r"[^\S\r\n\t ]")
# Tried where blanks begin, not anew at each of them.
_FOLD: Final = re.compile(r"(?<!\s)[^\S\r\n]*+[\r\n]\s*+")
# What a pseudonym must not be: a word between blanks and brackets, or a label of one.
_CHUNK: Final = re.compile(r"[^\s()<>\[\];,\"=@]{3,}")
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]|[^\x00-\x7f\s])+")


def redact(source: Source, key: bytes | str | None = None) -> str:
    r"""Write the header of a message so that it can be shown in public, and is judged as before.

    Host names, addresses, users, ids and texts are replaced, equal ones by equal ones; times
    move, all by the same span. What the analysis rests on stays: the reach and the operator of
    addresses, public suffixes, products, protocol words, and all that is said of TLS.

    The `Received` lines stay, and the few other fields that bear on the verdict. All others are
    left out: the addresses and the subject, signatures (which would tell who signed, and could be
    verified no more), and whatever is not known. The body is not read.

    Args:
        source: As for `headertls.analyze`.
        key: The secret on which the pseudonyms hang: with the same one, messages get the same
            names. Whoever has it can find out names by trying. Without it, each call has its own.

    Raises:
        OSError: The file cannot be read.
        TypeError: *source* is of another type, or a file opened in text mode.
        ValueError: *source* is a `str` without any header field.

    >>> line = "Received: from ann.example ([10.1.2.3]) by mx.ann.example (Postfix) with ESMTPS"
    >>> shown = redact(line + "\nSubject: Lunch\n")
    >>> "ann" in shown, "Lunch" in shown, "(Postfix) with ESMTPS" in shown
    (False, False, True)
    """
    message = read_message(source)
    hops = [parse_received(value) for value in message.received]
    redactor = _prepare(message, hops, key)
    lines: list[tuple[int, str]] = [
        (2 * place + 1, _write("Received", redact_line(hop, redactor)))
        for place, hop in enumerate(hops)
    ]
    lines += [
        (2 * field.received_above, _write(*_redact_other(field.name, field.value, redactor)))
        for field in message.fields
    ]
    # A field below n lines of the trace stands between the n-th of them and the next.
    return "".join(text for _, text in sorted(lines, key=lambda line: line[0]))


def _redact_other(name: str, value: str, redactor: Redactor) -> tuple[str, str]:
    return WRITTEN[name], redact_field(name, value, redactor)


def _prepare(message: Message, hops: list[Hop], key: bytes | str | None) -> Redactor:
    secret = token_bytes(_KEY_OCTETS) if key is None else key
    if isinstance(secret, str):
        secret = secret.encode(errors="surrogatepass")
    texts = (*message.received, *(field.value for field in message.fields))
    words = (word for text in texts for form in (_CHUNK, _LABEL) for word in form.findall(text))
    pseudonyms = Pseudonyms(secret, frozenset(word.lower() for word in words))
    years = [hop.timestamp.year for hop in hops if hop.timestamp]
    # One key moves different messages differently: the span hangs on the newest line.
    first = message.received[0] if message.received else ""
    return Redactor(pseudonyms, choose_shift(pseudonyms.draw("shift", first), years))


def _write(name: str, value: str) -> str:
    """Write a field; each fold begins with a tab, so that no text can begin a field of its own."""
    return f"{name}: {_FOLD.sub(_TAB, _hide_controls(_BLANK.sub(' ', value.strip())))}\n"


def _hide_controls(text: str) -> str:
    """Replace what is not seen: it would steer the terminal or page on which the header is shown.

    These are controls of either set (C0, C1), marks of direction and of format, and what has no
    character.
    """
    return "".join(char if char.isprintable() or char in _LAYOUT else "?" for char in text)
