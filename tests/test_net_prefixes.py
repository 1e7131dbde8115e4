"""The table of prefixes: one bisection, the longest match decides."""

from ipaddress import IPv4Address

import pytest

from headertls.net.prefixes import PrefixTable

TABLE = PrefixTable(
    [
        ("10.0.0.0/8", "inside"),
        ("10.9.0.0/16", "lab"),
        ("10.9.8.7/32", "printer"),
        ("255.255.255.255/32", "everybody"),
    ],
    "outside",
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("0.0.0.0", "outside"),  # noqa: S104  # nothing is bound
        ("9.255.255.255", "outside"),
        ("10.0.0.0", "inside"),
        ("10.8.255.255", "inside"),
        ("10.9.0.0", "lab"),
        ("10.9.8.6", "lab"),
        ("10.9.8.7", "printer"),
        ("10.9.8.8", "lab"),
        ("10.10.0.0", "inside"),
        ("10.255.255.255", "inside"),
        ("11.0.0.0", "outside"),
        ("255.255.255.254", "outside"),
        ("255.255.255.255", "everybody"),
    ],
)
def test_longest_prefix_decides_up_to_its_borders(address, expected):
    """Each address has the value of the narrowest prefix that holds it."""
    assert expected == TABLE.find(int(IPv4Address(address)))


def test_order_of_rows_does_not_matter():
    """A prefix inside another one may stand before or after it."""
    rows = [("10.9.0.0/16", "lab"), ("10.0.0.0/8", "inside")]
    number = int(IPv4Address("10.9.1.1"))

    assert PrefixTable(rows, "").find(number) == PrefixTable(rows[::-1], "").find(number) == "lab"


def test_empty_table_knows_the_default_only():
    """Without a row every address has the default."""
    assert PrefixTable[str | None]([], None).find(1) is None
