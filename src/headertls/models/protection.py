"""Whether a message itself is protected, from end to end and whatever the transport."""

from enum import StrEnum


class MessageProtection(StrEnum):
    """How the sender protected the content, as the header announces it.

    A signature shows who wrote the message and that nobody changed it; it hides nothing. Only what
    `is_secret` cannot be read on the way, and that is the content: the subject, the addresses and
    most other fields stay in the clear. None of it is checked here.
    """

    SMIME_ENCRYPTED = "smime-encrypted"
    """`application/pkcs7-mime` with enveloped data (RFC 8551, section 3.3 and 3.4)."""
    SMIME_SIGNED = "smime-signed"
    """`multipart/signed` or `application/pkcs7-mime` with signed data (RFC 8551, section 3.5)."""
    SMIME_COMPRESSED = "smime-compressed"
    """`application/pkcs7-mime` with compressed data (RFC 8551, section 3.6): no protection."""
    SMIME_UNKNOWN = "smime-unknown"
    """`application/pkcs7-mime` that does not say what it holds."""
    PGP_ENCRYPTED = "pgp-encrypted"
    """`multipart/encrypted` by PGP (RFC 3156, section 4); it may be signed inside."""
    PGP_SIGNED = "pgp-signed"
    """`multipart/signed` by PGP (RFC 3156, section 5)."""
    PGP_INLINE_ENCRYPTED = "pgp-inline-encrypted"
    """A text that is announced as PGP armour with an encrypted message."""
    PGP_INLINE_SIGNED = "pgp-inline-signed"
    """A text that is announced as PGP armour with a signature."""
    PGP_INLINE_UNKNOWN = "pgp-inline-unknown"
    """`application/pgp` (never registered) that does not say what it holds."""

    @property
    def is_secret(self) -> bool:
        """Whether the content is announced as encrypted."""
        return self in _SECRET

    @property
    def is_signed(self) -> bool:
        """Whether the content is announced as signed; inside encryption that cannot be seen."""
        return self in _SIGNED


_SECRET = frozenset(
    {
        MessageProtection.SMIME_ENCRYPTED,
        MessageProtection.PGP_ENCRYPTED,
        MessageProtection.PGP_INLINE_ENCRYPTED,
    }
)
_SIGNED = frozenset(
    {
        MessageProtection.SMIME_SIGNED,
        MessageProtection.PGP_SIGNED,
        MessageProtection.PGP_INLINE_SIGNED,
    }
)
