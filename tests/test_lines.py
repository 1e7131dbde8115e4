"""Lines of NDJSON for those who take messages one by one."""

import json
from pathlib import Path
from typing import Final

from headertls import analyze
from headertls.corpus.rows import MESSAGE_COLUMNS
from headertls.integrations.lines import write_line
from headertls.mailboxes import Place
from streaming import expect_judgements, read_judgements

EXAMPLES: Final = sorted((Path(__file__).parents[1] / "examples").glob("*.eml"))


def test_lines_are_those_of_a_scan(tmp_path: Path) -> None:
    """The columns and values are those of `headertls scan --messages`."""
    mail = [path.read_bytes() for path in EXAMPLES]
    lines = [
        write_line(Place("box", number=number), analyze(block), block=block, number=number)
        for number, block in enumerate(mail)
    ]
    rows = [json.loads(line) for line in lines]

    assert [(number, "box", number) for number in range(len(mail))] == [
        (row["message"], row["path"], row["number"]) for row in rows
    ]
    assert list(MESSAGE_COLUMNS) == list(rows[0])
    assert expect_judgements(mail, tmp_path) == read_judgements(rows)
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in lines)


def test_hostile_names_stay_one_line_of_ascii() -> None:
    """Line ends, control characters and octets of no charset in a place are escaped."""
    line = write_line(Place("a\n\x7f\u202e\udcff", member="\r"), None, error="is odd\n")

    assert line.isascii()
    assert (1, line[-1:]) == (line.count(b"\n"), b"\n")
    assert b"\x7f" not in line
    row = json.loads(line)
    assert ("a\n\x7f\u202e\\xff", "\r", "is odd\n") == (row["path"], row["member"], row["error"])
    assert row["headline"] is None
