"""What a header tells of end-to-end protection."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls import MessageProtection
from headertls.parser.fields.protection import MAX_CONTENT_TYPE, find_protection
from timing import assert_takes_at_most

P = MessageProtection


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # RFC 8551, 3.2.1, 3.3, 3.4, 3.6
        ("application/pkcs7-mime; smime-type=enveloped-data;\n name=smime.p7m", P.SMIME_ENCRYPTED),
        ("application/pkcs7-mime; smime-type=authEnveloped-data", P.SMIME_ENCRYPTED),
        ("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", P.SMIME_SIGNED),
        ("application/pkcs7-mime; smime-type=compressed-data", P.SMIME_COMPRESSED),
        ("application/pkcs7-mime; smime-type=certs-only; name=smime.p7c", None),
        ("application/pkcs7-mime; smime-type=signed-receipt", P.SMIME_SIGNED),
        ("application/pkcs7-mime; name=smime.p7m", P.SMIME_UNKNOWN),
        ("application/pkcs7-mime; smime-type=new-data", P.SMIME_UNKNOWN),
        ('APPLICATION/X-PKCS7-MIME;\r\n\tSMIME-Type="Enveloped-Data"', P.SMIME_ENCRYPTED),
        # RFC 8551, 3.5.3
        (
            'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b',
            P.SMIME_SIGNED,
        ),
        ("multipart/signed; protocol=application/x-pkcs7-signature; boundary=b", P.SMIME_SIGNED),
        # RFC 3156, 4 and 5
        ('multipart/encrypted; boundary=b; protocol="application/pgp-encrypted"', P.PGP_ENCRYPTED),
        ('multipart/signed; micalg=pgp-sha512; protocol="application/pgp-signature"', P.PGP_SIGNED),
        # RFC 2231
        ("multipart/signed; protocol*=us-ascii'en'application%2Fpgp-signature", P.PGP_SIGNED),
        ("multipart/signed; protocol*0=application/pgp-;protocol*1=signature", P.PGP_SIGNED),
        ("application/pgp; x-action=encrypt; format=text", P.PGP_INLINE_ENCRYPTED),
        ("application/pgp; format=text; x-action=sign", P.PGP_INLINE_SIGNED),
        ("application/pgp; format=mime", P.PGP_INLINE_UNKNOWN),
        ("text/plain; charset=utf-8; x-action=pgp-encrypted", P.PGP_INLINE_ENCRYPTED),
        ("text/plain; x-action=pgp-signed", P.PGP_INLINE_SIGNED),
        ("text/plain; name=pgp.txt", None),
        # a protocol that does not belong to the type
        ('multipart/encrypted; protocol="application/pgp-signature"', None),
        ("multipart/mixed; boundary=pgp", None),
        # a key and a detached signature protect nothing of the message
        ("application/pgp-keys", None),
        ("application/pkcs7-signature; name=smime.p7s", None),
        ("text/html; charset=utf-8", None),
        ("pgp", None),
        ("", None),
    ],
)
def test_content_types(value, expected):
    """Each form that a standard or a program has is told apart; all else is no protection."""
    assert expected == find_protection(value)


def test_signed_is_not_secret():
    """A signature hides nothing, encryption does; what is inside encryption is not seen."""
    secret = {P.SMIME_ENCRYPTED, P.PGP_ENCRYPTED, P.PGP_INLINE_ENCRYPTED}
    signed = {P.SMIME_SIGNED, P.PGP_SIGNED, P.PGP_INLINE_SIGNED}

    assert secret == {item for item in P if item.is_secret}
    assert signed == {item for item in P if item.is_signed}


@pytest.mark.parametrize("name", ["protocol", "x"])
def test_parameters_that_cannot_be_sorted(name):
    """A parameter that is split in two ways at once is not believed, and raises nothing."""
    value = f"multipart/signed; {name}*=application/pgp-signature; {name}*0=y"

    assert None is find_protection(value)


@pytest.mark.parametrize("unit", ['"', ";", "a=;", "(", "*0", ";x*0=", "\\", "=?a?q?"])
def test_time_is_bounded(unit):
    """No value takes long, and one beyond the bound is not read."""
    for length in (MAX_CONTENT_TYPE - 20, 100_000):
        value = "multipart/signed; pgp;" + unit * (length // len(unit))
        assert_takes_at_most(0.2, partial(find_protection, value))


PIECES = [
    "multipart/signed", "application/pgp", "text/plain", ";", "protocol", "x-action", "*", "*0",
    "*1*", "=", "''", '"', "%ff", "pgp-signed", "\n", "\r", "\0", "utf-8",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3)).map("".join))
def test_never_raises(value):
    """No value raises."""
    assert find_protection("application/pgp" + value) in {None, *P}
    assert find_protection(value) in {None, *P}
