"""End-to-end protection, as the field `Content-Type` announces it."""

import re
from email.message import Message
from types import MappingProxyType
from typing import Final

from headertls.models import MessageProtection

MAX_CONTENT_TYPE: Final = 4_000
"""Characters of a `Content-Type` that are read; honest ones stay below 500."""

# RFC 8551, 3.2.2; `certs-only` carries certificates and no message.
_SMIME_TYPES: Final = MappingProxyType(
    {
        "enveloped-data": MessageProtection.SMIME_ENCRYPTED,
        "authenveloped-data": MessageProtection.SMIME_ENCRYPTED,
        "signed-data": MessageProtection.SMIME_SIGNED,
        "compressed-data": MessageProtection.SMIME_COMPRESSED,
        "certs-only": None,
        # RFC 2634, 3.1: a receipt is signed data
        "signed-receipt": MessageProtection.SMIME_SIGNED,
    }
)

# RFC 8551, 3.5.3 (S/MIME), RFC 3156, 4 and 5 (PGP); with `x-` before S/MIME became a standard.
_PROTOCOLS: Final = MappingProxyType(
    {
        ("multipart/signed", "application/pkcs7-signature"): MessageProtection.SMIME_SIGNED,
        ("multipart/signed", "application/x-pkcs7-signature"): MessageProtection.SMIME_SIGNED,
        ("multipart/signed", "application/pgp-signature"): MessageProtection.PGP_SIGNED,
        ("multipart/encrypted", "application/pgp-encrypted"): MessageProtection.PGP_ENCRYPTED,
    }
)

# draft-foster-mime-pgp (1995), as mutt writes it: `application/pgp; x-action=encrypt`; mutt and
# others on texts: `text/plain; x-action=pgp-encrypted`.
_ACTIONS: Final = MappingProxyType(
    {
        "encrypt": MessageProtection.PGP_INLINE_ENCRYPTED,
        "pgp-encrypted": MessageProtection.PGP_INLINE_ENCRYPTED,
        "sign": MessageProtection.PGP_INLINE_SIGNED,
        "signclear": MessageProtection.PGP_INLINE_SIGNED,
        "pgp-signed": MessageProtection.PGP_INLINE_SIGNED,
    }
)

_may_announce: Final = re.compile(r"pkcs7|pgp", re.IGNORECASE).search
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]+")


def find_protection(content_type: str) -> MessageProtection | None:
    """Read what the value of a `Content-Type` field announces; `None` is no protection.

    >>> find_protection("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m")
    <MessageProtection.SMIME_ENCRYPTED: 'smime-encrypted'>
    >>> find_protection('multipart/signed; protocol="application/pgp-signature"').is_secret
    False
    >>> find_protection("text/html; charset=utf-8") is None
    True
    """
    if len(content_type) > MAX_CONTENT_TYPE or not _may_announce(content_type):
        return None
    message = Message()
    message["Content-Type"] = _CONTROLS.sub(" ", content_type)
    kind = message.get_content_type()
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return _find_smime(message)
    if kind in ("application/pgp", "text/plain"):
        unknown = MessageProtection.PGP_INLINE_UNKNOWN if kind == "application/pgp" else None
        return _ACTIONS.get(_read_parameter(message, "x-action"), unknown)
    return _PROTOCOLS.get((kind, _read_parameter(message, "protocol")))


def _find_smime(message: Message) -> MessageProtection | None:
    """Read what an S/MIME body holds.

    Without `smime-type` (RFC 8551, 3.2.1: optional) only the body knows.
    """
    return _SMIME_TYPES.get(_read_parameter(message, "smime-type"), MessageProtection.SMIME_UNKNOWN)


def _read_parameter(message: Message, name: str) -> str:
    """Return a parameter in lower case, also one in the spelling of RFC 2231."""
    try:
        value = message.get_param(name)
    except TypeError:  # some Pythons cannot sort `a*=x; a*0=y`
        return ""
    if isinstance(value, tuple):
        value = value[2]
    return value.strip().lower() if isinstance(value, str) else ""
