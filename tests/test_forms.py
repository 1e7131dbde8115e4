"""What no rule knows of the lines of mailboxes, told so that nobody is given away."""

import json
import re
from pathlib import Path
from typing import Final

import pytest

from headertls import FormKind, Hop, Site, analyze, list_forms, parse_received
from headertls.cli import main
from headertls.corpus import tally
from headertls.corpus.summary import sum_up
from headertls.corpus.tally import Tally
from headertls.corpus.unknown import count_unread_forms, iter_unknown
from headertls.models.forms import Forms
from headertls.redaction.templates import Template, make_template, write_form, write_line_form
from headertls.redaction.vocabulary import line_words
from headertls.report.forms_text import write_forms
from mailbox_files import make_mbox, save

DATE: Final = "; Tue, 29 Aug 2023 10:11:12 +0200"
USER: Final = "annbell"
ODD: Final = (
    "from out.shop.example (out.shop.example [81.2.69.144])\n\tby mx.site.example (Foomail 3.2.1)"
    " with foomtp id 4Q1xYz (queue annbell-7 at mx3.site.example [10.1.2.3])"
    f"\n\tfor <{USER}@site.example>{DATE}"
)


def read(line: str) -> list[tuple[str, str]]:
    """What no rule knows of a line, by kind and text."""
    return [(found.kind.value, found.text) for found in iter_unknown(parse_received(line))]


def write_message(*lines: str) -> bytes:
    """Write a message with these lines, newest first."""
    return "".join(f"Received: {line}\n" for line in lines).encode() + b"Subject: x\n\n"


# What no rule knows


@pytest.mark.parametrize(
    ("line", "unknown"),
    [
        ("from a by b.example (Postfix) with ESMTPS id 1" + DATE, []),
        ("from a by b.example (Postfix) with bizsmtp id 1" + DATE, [("protocol", "bizsmtp")]),
        ("from a by b.example (Postfix) with ESMTP+TLS id 1" + DATE, []),
        ("from a by b.example (Postfix) with HTTP/1.1 id 1" + DATE, []),
        ("from a by b.example (Postfix) with ESMTP AUTH id 1" + DATE, []),
        ("from a by b.example with MailEnable ESMTP" + DATE, []),
        ("from a by b.example (Foomail 3) with ESMTP id 1" + DATE, [("product", "Foomail 3")]),
        # known, though not what its silence is worth
        ("from a by b.example (bulk_mailer v1.5) with ESMTP id 1" + DATE, []),
        ("from a by b.example (Roundcube 1.4) with ESMTP id 1" + DATE, []),
        # known by its host
        ("from a by mx.naver.com (Foomail 3) with ESMTP id 1" + DATE, []),
        ("from a by b.example (Postfix) with ESMTP id 1 (quux)" + DATE, [("comment", "quux")]),
        ("from [unix socket] by b.example (Postfix, from userid 33) with local" + DATE, []),
        ("from a by b.example ([unix socket]) with LMTPA" + DATE, []),
        (
            "from a by b.example (Postfix) with ESMTP (wrapped in starttls) id 1" + DATE,
            [("tls", "wrapped in starttls")],
        ),
        (
            "from a by b.example (Postfix) with ESMTP quux id 1" + DATE,
            [("words", "quux")],
        ),
        ("quux of yesterday", [("line", "quux of yesterday")]),
        ("(qmail 975 invoked by uid 0)" + DATE, []),
        ("from a.example" + DATE, []),
    ],
)
def test_unknown(line: str, unknown: list[tuple[str, str]]) -> None:
    """What a table has is known, in whatever place; all else is told with its kind."""
    assert unknown == read(line)


def test_words_that_speak_of_tls_are_told_once() -> None:
    """Words and comments that seem to speak of TLS are not told as plain ones besides."""
    line = "from a by b.example with ESMTP via starttls/9 hidden id 1"
    kinds = [kind for kind, _ in read(line + DATE)]

    assert len(kinds) == len(set(kinds))


# Templates


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Foomail 3.2.1", "Foomail N"),
        ("Foomail v2", "Foomail N"),
        ("quux 12345", "quux N"),
        ("queue 4Q1xYz", "queue ID"),
        ("on mx.site.example", "on HOST"),
        ("at 81.2.69.144", "at ADDRESS"),
        ("at [81.2.69.144]:2525", "at [ADDRESS:N"),
        ("at 2001:db8::1", "at ADDRESS"),
        ("port 4711", "port N"),
        ("<ann.bell@site.example>", "<USER@HOST>"),
        ("invoked by annbell", "invoked by NAME"),
        ("user=annbell", "user=NAME"),
        ("owner: annbell", "owner: NAME"),
        ("Tue, 29 Aug 2023 10:11:12 +0200", "DATE"),
        ("\u00c4nne", "NAME"),
        ("a" * 30, "NAME"),
        ("TLSv1.3 quux", "TLSv1.3 quux"),
        ("ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("MDaemon.PRO.v6.8", "MDaemon.PRO.v6.8"),
        ("  two\r\n\tlines ", "two lines"),
        ("x " * 5000, ("x " * 200).strip()),
    ],
)
def test_forms(text: str, form: str) -> None:
    """What is somebody's, or differs from line to line, has a placeholder."""
    assert form == write_form(text, Template())


def test_names_of_the_message_stay_nowhere() -> None:
    """A word that is part of a name in any line of the message is replaced in all of them."""
    lines = (
        (
            f"from x.example (unknown [81.2.69.144]) (Authenticated sender: {USER}) by b.example"
            " (Postfix) with ESMTPA id 1"
        ),
        (
            "from y.example (whatsit.example [81.2.69.145]) (ident joebloggs) by mx-lima.b.example"
            " (envelope-from <kim.novak@b.example>)"
        ),
        "from [10.0.0.1] by c.example for <bob@b.example>",
    )
    template = make_template(map(parse_received, lines))

    assert {USER, "whatsit", "lima", "novak", "bob"} <= template.private
    text = f"(box of {USER}, Whatsit, mx-lima, Novak, Bob, other)"
    assert "(box of NAME, NAME, NAME, NAME, NAME, other)" == template.replace(
        text, line_words(), keeps_tls=True
    )
    assert "(NAME NAME)" == template.replace("(other word)")


def test_lines_have_one_form() -> None:
    """Two lines of one writer on other messages come to the same, whatever is in them."""
    one = (
        "from a.example (a.example [81.2.69.144]) by mx.b.example (Foomail 3.2) with ESMTP id 4Q1"
        " for <bob@b.example>; Tue, 29 Aug 2023 10:11:12 +0200"
    )
    other = (
        "from c.example (d.example [2001:db8::1])\n\tby mx.e.example (Foomail 4.0)\n\twith ESMTP id"
        " 9-X for <kim@f.example>; Wed, 30 Aug 2023 11:11:12 -0500"
    )
    forms = {
        write_line_form(hop, make_template([hop])) for hop in map(parse_received, (one, other))
    }

    assert {
        "from HOST (HOST [ADDRESS]) by HOST (Foomail N) with ESMTP id ID for <USER@HOST>; DATE"
    } == forms


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("from a by b.example; Tuesday, the 29th of August 2023", "HOST"),
        ("from a by b.example with SMTP; 2023-08-29 at 10:11:12 +0200", "DATE"),
        ("from a by b.example; 10:11 29-Aug-2023 PST", "DATE"),
        ("from a by b.example with SMTP " + "quux " * 200, "..."),
    ],
)
def test_odd_lines_have_a_form(line: str, form: str) -> None:
    """Dates that only a lenient reader reads, and lines that are far too long."""
    hop = parse_received(line)
    shown = write_line_form(hop, make_template([hop]))

    assert form in shown
    assert len(shown) < 500


# Many messages


def test_forms_are_counted(tmp_path: Path) -> None:
    """Each form has its lines, those of own servers, and a line that has it; no name is left."""
    claim = "from x.example by y.example (Foomail 9) with ESMTP id 1" + DATE
    save(
        tmp_path,
        {
            "1.mbox": make_mbox([write_message(ODD), write_message(ODD.replace("4Q1", "7"))]),
            "2.eml": write_message(ODD, claim),
            "3.gz": b"\x1f\x8b\x08",
        },
    )
    found = list_forms(tmp_path, Site(hosts=("site.example",)))

    assert (3, 1, 4) == (found.messages, found.unreadable, found.lines)
    assert [
        (FormKind.PROTOCOL, "foomtp", 3, 3),
        (FormKind.PRODUCT, "Foomail N", 4, 3),
        (FormKind.COMMENT, "queue ID at HOST [ADDRESS]", 3, 3),
    ] == [(form.kind, form.text, form.lines, form.own) for form in found.forms]
    assert {
        (
            "from HOST (HOST [ADDRESS]) by HOST (Foomail N) with foomtp id ID"
            " (NAME ID NAME HOST [ADDRESS]) for <USER@HOST>; DATE"
        )
    } == {form.example for form in found.forms}
    assert USER not in found.model_dump_json()
    assert found == list_forms([str(tmp_path)], Site(hosts=("site.example",)), workers=2)


def test_lines_without_verdict_are_counted() -> None:
    """Facts alone have forms, too."""
    counts = Tally()
    hop = parse_received("from a by b with ESMTP quux id 1" + DATE)
    count_unread_forms(
        counts, analyze(b"x: y\n\n").model_copy(update={"hops": (hop, Hop(raw=""))}), "a"
    )

    assert [("quux", 1, "a")] == [tuple(form) for form in sum_up(counts).forms]


def test_too_many_forms_are_lumped_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender of a million forms takes no more memory than one of a few."""
    monkeypatch.setattr(tally, "MAX_KEYS", 2)
    lines = [f"from a by b.example with {word} id 1{DATE}" for word in ("qa", "qb", "qc", "qd")]
    save(tmp_path, {f"{n}.eml": write_message(line) for n, line in enumerate(lines)})
    found = list_forms(tmp_path)

    assert (["qa", "qb"], 2) == ([form.text for form in found.forms], found.left_out)
    assert write_forms(found).endswith("2 lines have more forms, which were not counted apart.")


def test_summary_names_what_was_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scan tells forms that were not read to the end, with counts and places."""
    line = f"from a by mx.site.example with ESMTP quux for {USER} id 1" + DATE
    save(tmp_path, {"a.eml": write_message(line), "b.eml": write_message(line)})

    assert 0 == main(["scan", "--workers", "1", str(tmp_path)])
    out = capsys.readouterr().out
    assert "UNKNOWN FORMS OF LINES" in out
    assert re.search(r"^quux.* +2 +.*a\.eml$", out, re.MULTILINE)
    assert '"headertls forms" lists all' in out


# The command


def test_command_prints_text_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The text is for people, the document is the one of the model; both are printable."""
    save(tmp_path, {"a.eml": write_message(ODD, "quux \x1b[2J of old")})
    options = ["--workers", "1", str(tmp_path)]

    assert 0 == main(["forms", *options])
    text = capsys.readouterr().out
    assert 0 == main(["forms", "--json", *options])
    document = capsys.readouterr().out

    assert text.startswith("1 message with 2 lines: 4 forms that no rule knows.\n\nLINES WITHOUT")
    assert "\nWORDS BEHIND WITH\n1 line, 1 of own servers: foomtp\n    from HOST (HOST" in text
    assert "\x1b" not in text + document
    assert list_forms(tmp_path) == Forms.model_validate(json.loads(document))


def test_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A want of paths, settings that cannot be read, mail that cannot be read."""
    assert 2 == main(["forms"])
    assert 2 == main(["forms", "--site", "nothing.toml", "x"])
    assert 2 == main(["forms", "--workers", "1", str(tmp_path / "nothing")])
    out, err = capsys.readouterr()

    assert out == "0 messages (1 could not be read) with 0 lines: no form that no rule knows.\n"
    assert "Try: headertls forms --help" in err
    assert "nothing.toml: No such file" in err
    assert f"headertls: {tmp_path / 'nothing'}: is not there\n" in err


def test_command_tells_each_reason_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of many messages that cannot be read for one reason, the first is named."""
    missing = [str(tmp_path / name) for name in "abc"]

    assert 2 == main(["forms", "--workers", "1", *missing])
    assert capsys.readouterr().err == f"headertls: {missing[0]} and 2 more: is not there\n"
