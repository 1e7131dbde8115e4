"""Registrable domains."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headertls.net.domains import find_registrable_domain


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mail.example.com", "example.com"),
        ("example.com", "example.com"),
        ("a.b.c.example.co.uk", "example.co.uk"),
        ("MX1.Example.COM", "example.com"),
        ("mail.example.com.", "example.com"),
        ("mx.bücher.example", "xn--bcher-kva.example"),
        ("mx.xn--bcher-kva.example", "xn--bcher-kva.example"),
        # inner names, of which no list knows the last label
        ("mx.site.lan", "site.lan"),
        ("srv_7.site.example", "site.example"),
        # an address that a mask was put into
        ("EX01@masked.NAMP01.PROD.site.example", "site.example"),
        # private section: two tenants of one cloud are two owners
        ("shop.github.io", "shop.github.io"),
        ("a.shop.github.io", "shop.github.io"),
    ],
)
def test_domain_is_the_registered_one(host, expected):
    """Case, root dot and script of the name do not matter."""
    assert expected == find_registrable_domain(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "localhost",
        "com",
        "co.uk",
        "github.io",
        "192.168.1.1",
        "1.2.3",
        "host.1",
        "2a02:d140::1",
        "[81.2.69.144]",
        "IPv6:2a02:d140::1",
        "a..example.com",
        ".example.com",
        "two words.example.com",
        "x(y).example.com",
        "ü" * 80 + ".example",
    ],
)
def test_what_is_no_registered_name_has_no_domain(host):
    """Addresses, single labels, public suffixes and broken names belong to nobody."""
    assert find_registrable_domain(host) is None


@given(st.text(max_size=80))
def test_no_text_raises(text):
    """Whatever stands where a host would, there is an answer."""
    domain = find_registrable_domain(text)

    assert domain is None or domain == domain.lower()


def test_memory_is_bounded():
    """A stream of ever new hosts fills no memory."""
    assert find_registrable_domain.cache_parameters()["maxsize"] is not None


def test_list_is_read_on_first_use_only():
    """To import the module does not cost the time of reading the list."""
    script = (
        "from headertls.net import domains\n"
        "before = domains._read_list.cache_info().currsize\n"
        "domains.find_registrable_domain('mx.site.example')\n"
        "print(before, domains._read_list.cache_info().currsize)"
    )

    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)  # noqa: S603

    assert done.stdout.split() == [b"0", b"1"]
