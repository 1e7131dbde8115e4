"""Fields beside `Received` that the analysis reads: each keeps what is read of it."""

import re
from email.message import Message
from typing import Final

from headertls.parser import find_protection
from headertls.redaction.texts import Redactor
from headertls.redaction.vocabulary import RESULTS, tls_words
from headertls.words import WORDS

WRITTEN: Final = {
    "authentication-results": "Authentication-Results",
    "content-type": "Content-Type",
    "list-id": "List-Id",
    "require-tls-esmtp": "Require-TLS-ESMTP",
    "tls-required": "TLS-Required",
    "x-barracuda-encrypted": "X-Barracuda-Encrypted",
    "x-last-tls-session-version": "X-Last-TLS-Session-Version",
    "x-pm-transfer-encryption": "X-Pm-Transfer-Encryption",
    "x-proto": "X-Proto",
    "x-tls": "X-TLS",
    "x-xfinity-message-heuristics": "X-Xfinity-Message-Heuristics",
}
"""Names of fields as their writers spell them."""

_WORDS: Final = frozenset(word.name.lower() for word in WORDS) | {"ipv6", "y", "n", "0", "1"}
# What `parser.fields.protection` reads; a boundary or a file's name is not for the public.
_PARAMETERS: Final = ("smime-type", "protocol", "x-action")
_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9+.-]+")


def redact_field(name: str, value: str, redactor: Redactor) -> str:
    """Replace what is private in the value of a field.

    >>> from datetime import timedelta
    >>> from headertls.redaction.pseudonyms import Pseudonyms
    >>> redactor = Redactor(Pseudonyms(b"key"), timedelta())
    >>> redact_field("x-tls", "TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256", redactor)
    'TLS1.2:ECDHE-RSA-AES256-GCM-SHA384:256'
    >>> redact_field("content-type", 'multipart/mixed; boundary="ann-1"', redactor)
    'text/plain'
    """
    if name == "content-type":
        return _redact_type(value)
    if name == "authentication-results":
        return redactor.replace(value, RESULTS, keeps_tls=True)
    return redactor.replace(value, tls_words() | _WORDS, keeps_tls=True)


def _redact_type(value: str) -> str:
    """Keep what says how the content is protected, where it is, and nothing else."""
    if find_protection(value) is None:
        return "text/plain"
    message = Message()
    message["Content-Type"] = " ".join(value.split())
    parts = [message.get_content_type()]
    for parameter in _PARAMETERS:
        told = message.get_param(parameter)
        text = told[2] if isinstance(told, tuple) else told
        if isinstance(text, str):
            parts.append(f'{parameter}="{text.strip().lower()}"')
    return "; ".join(parts)
