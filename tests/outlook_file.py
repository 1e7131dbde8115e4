"""Compound files ([MS-CFB]) as Outlook saves them, for tests: olefile only reads."""

import struct

SECTOR = 512
END_OF_CHAIN = 0xFFFFFFFE
FREE = 0xFFFFFFFF
FAT_SECTOR = 0xFFFFFFFD
SMALLEST = 4096
"""Shorter streams would have to stand in the small sectors, so they are filled up."""


def make_msg(streams: dict[str, bytes]) -> bytes:
    """Make a compound file of *streams*, each filled up with line ends."""
    filled = {name: data.ljust(SMALLEST, b"\n") for name, data in streams.items()}
    sectors: list[bytes] = []
    fat: list[int] = []
    entries = [_make_entry("Root Entry", child=1 if filled else FREE)]
    for number, (name, data) in enumerate(filled.items(), 1):
        right = number + 1 if number < len(filled) else FREE
        entries.append(_make_entry(name, right=right, start=len(sectors), size=len(data)))
        _append(sectors, fat, data)
    directory = len(sectors)
    _append(sectors, fat, b"".join(entries))
    table = len(sectors)
    fat.append(FAT_SECTOR)
    fat += [FREE] * (SECTOR // 4 - len(fat))
    return _make_header(directory, table) + b"".join(sectors) + struct.pack(f"<{len(fat)}I", *fat)


def _append(sectors: list[bytes], fat: list[int], data: bytes) -> None:
    pieces = [data[at : at + SECTOR].ljust(SECTOR, b"\0") for at in range(0, len(data), SECTOR)]
    first = len(sectors)
    sectors += pieces
    fat += [*range(first + 1, first + len(pieces)), END_OF_CHAIN]


def _make_entry(
    name: str, *, right: int = FREE, child: int = FREE, start: int = END_OF_CHAIN, size: int = 0
) -> bytes:
    kind = 5 if start == END_OF_CHAIN else 2
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def _make_header(directory: int, table: int) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIII", 0, 1, directory, 0, SMALLEST)
        + struct.pack("<IIII", END_OF_CHAIN, 0, END_OF_CHAIN, 0)
        + struct.pack("<I", table)
        + struct.pack("<108I", *[FREE] * 108)
    )
