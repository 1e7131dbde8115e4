"""Header blocks that came by the clipboard or in a bounce, and attacks that look like them."""

import re

import pytest

from headertls.models import Defect, DefectKind
from headertls.source import Field, Message, read_message
from headertls.source.careful import MAX_REJOINED, MAX_STRAYS

NEWER = (
    "from relay.example ([81.2.69.142])\n by mx.example with ESMTPS id 7\n"
    " for <you@mx.example>;\n Mon, 23 Nov 2026 10:11:13 +0000 (UTC)"
)
OLDER = (
    "from home.example by relay.example\n (version=TLS1_2, cipher=X) with ESMTP id 6;\n"
    " Mon, 23 Nov 2026 10:11:12 +0000"
)
BLOCK = f"Return-Path: <me@home.example>\nReceived: {NEWER}\nReceived: {OLDER}\nSubject: Lunch\n"
NBSP = "\N{NO-BREAK SPACE}"
SHY = "\N{SOFT HYPHEN}"

PASTED = [DefectKind.PASTED]
DAMAGED = [DefectKind.PASTED, DefectKind.TRANSPORT_DAMAGE]


def find_kinds(message: Message) -> list[DefectKind]:
    return [defect.kind for defect in message.defects]


def flatten(value: str) -> str:
    return " ".join(value.split())


def prefix(text: str, mark: str) -> str:
    return re.sub("(?m)^(?=.)", mark, text)


def unindent(text: str) -> str:
    return re.sub(r"(?m)^[ \t]+", "", text)


def encode_html(text: str) -> str:
    return (
        text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("+", "&#43;")
    )


DAMAGES = {
    "indented": (prefix(BLOCK, "    "), PASTED),
    "indented by tab": (prefix(BLOCK, "\t"), PASTED),
    "indented, tab folds": (prefix(BLOCK.replace("\n ", "\n\t"), "  "), PASTED),
    "indented, folds lost": (prefix(unindent(BLOCK), "    "), PASTED),
    "indented by no-break spaces": (prefix(BLOCK, NBSP * 4), PASTED),
    "quoted": (prefix(BLOCK, "> "), PASTED),
    "quoted without blank": (prefix(BLOCK, ">"), PASTED),
    "quoted, tab folds": (prefix(BLOCK.replace("\n ", "\n\t"), "> "), PASTED),
    "quoted twice": (prefix(BLOCK, "> > "), PASTED),
    "quoted twice, closely": (prefix(BLOCK, ">> "), PASTED),
    "quoted and indented": (prefix(BLOCK, ">   "), PASTED),
    "quoted, folds lost": (prefix(unindent(BLOCK), "> "), PASTED),
    "quoted, a body below": (prefix(BLOCK, "> ") + ">\n> Received: no\n", PASTED),
    "quoted, but the first line": (prefix(BLOCK, "> ")[2:], PASTED),
    "quoted, some marks lost": (prefix(BLOCK, "> ").replace(">  by", "by"), PASTED),
    "quoted in HTML": (prefix(encode_html(BLOCK), "&gt; "), DAMAGED),
    "folds lost": (unindent(BLOCK), PASTED),
    "folds lost, CRLF": (unindent(BLOCK).replace("\n", "\r\n"), PASTED),
    "date broken": (unindent(BLOCK.replace(" 10:11", "\n 10:11")), PASTED),
    "zone broken": (unindent(BLOCK.replace(" +0000", "\n +0000")), PASTED),
    "zone comment broken": (unindent(BLOCK.replace(" (UTC)", "\n (UTC)")), PASTED),
    "folds of no-break spaces": (BLOCK.replace("\n ", f"\n{NBSP}"), PASTED),
    "folds of entities": (BLOCK.replace("\n ", "\n&nbsp;&nbsp;"), PASTED),
    "all blanks no-break spaces": (BLOCK.replace(" ", NBSP), PASTED),
    "soft hyphens": (unindent(BLOCK).replace("relay", f"re{SHY}lay"), PASTED),
    "blanks doubled": (unindent(BLOCK).replace(" by", f"{NBSP} by"), PASTED),
    "HTML": (encode_html(unindent(BLOCK)), DAMAGED),
    "HTML with breaks": (encode_html(unindent(BLOCK)).replace("\n", "<br>\n"), DAMAGED),
    "HTML with closed breaks": (unindent(BLOCK).replace("\n", "<BR />\r\n"), DAMAGED),
    "quoted-printable": (unindent(BLOCK).replace("=", "=3D"), DAMAGED),
    "soft breaks": (BLOCK.replace("=", "=3D").replace("ESMTP", "ES=\nMTP"), DAMAGED),
    "soft breaks, CRLF": (
        BLOCK.replace("=", "=3D").replace("ESMTP", "ES=\nMTP").replace("\n", "\r\n"),
        DAMAGED,
    ),
    "blanks at line ends": (unindent(BLOCK).replace("=", "=3D").replace("\n", "=20\n"), DAMAGED),
}


@pytest.mark.parametrize(("text", "kinds"), DAMAGES.values(), ids=DAMAGES)
def test_damage(text, kinds):
    """Whatever befell the block, the same trace lines come out, and the repair is told."""
    for source in (text, text.encode()):
        message = read_message(source)

        assert [flatten(NEWER), flatten(OLDER)] == [flatten(value) for value in message.received]
        assert kinds == [kind for kind in find_kinds(message) if kind is not DefectKind.BAD_FIELD]
        assert message.find_field("subject") is not None


def test_preface():
    """The line above a quotation is a stray one, and the quotation is read."""
    message = read_message("Bob wrote:\n" + prefix(BLOCK, "> "))

    assert [flatten(NEWER), flatten(OLDER)] == [flatten(value) for value in message.received]
    assert [DefectKind.BAD_FIELD, DefectKind.PASTED] == find_kinds(message)
    assert Defect(kind=DefectKind.BAD_FIELD, text="Bob wrote:") in message.defects


def test_selection_that_begins_within_a_field():
    """A block whose first line is a continuation is not taken for an indented one."""
    message = read_message(f"  by mx.example; now\nReceived: {OLDER}\n")

    assert (OLDER,) == message.received
    assert [DefectKind.BAD_FIELD] == find_kinds(message)


def test_repaired_block():
    """The fields of a repaired block are found as they were repaired."""
    message = read_message("> Subject: Lunch\n> Received: from x\n> by y\n>  z\n> X-TLS: yes")

    assert ("from x\n by y\n z",) == message.received
    assert b"Subject: Lunch\nReceived: from x\n by y\n z\nX-TLS: yes\n" == message.block
    assert (Field("x-tls", "yes", 1),) == message.fields


def test_quotation_in_the_body():
    """An ordinary message whose body quotes a header is not taken for pasted."""
    body = prefix(BLOCK, "> ") + "\n" + BLOCK
    message = read_message(f"Received: {OLDER}\nSubject: Re\n\n{body}")

    assert (OLDER,) == message.received
    assert () == message.defects


def test_message_in_order_is_left_alone():
    """What looks like leftovers stays in a block whose lines are in order."""
    value = f"from =28x=29=20&lt;y&gt;{NBSP}&nbsp;<br>\n by z{SHY} (a=3Db) =20\n ; now"
    message = read_message(f"Received: {value}\nX: =3D=\n y\n".encode())

    assert (value,) == message.received
    assert () == message.defects


def test_soft_breaks_in_order():
    """Soft breaks are undone even where each line begins like a continuation."""
    text = "Received: from x (version=3DTLS1_2);\r\n Wed,=\r\n 23 May 2018\r\nTo: =\r\n y\r\n"
    message = read_message(text)

    assert ("from x (version=TLS1_2);\r\n Wed, 23 May 2018",) == message.received
    assert [DefectKind.TRANSPORT_DAMAGE] == find_kinds(message)
    assert "=\r\n y" == message.find_field("to")


def test_tags_in_order():
    """So are the breaks of HTML."""
    message = read_message("Received: from x<br>\n by y; now<br/>\nTo: z<br>\n")

    assert ("from x\n by y; now",) == message.received
    assert [DefectKind.TRANSPORT_DAMAGE] == find_kinds(message)


def test_no_break_spaces_in_order():
    """And no-break spaces, in a line that has no other blanks."""
    message = read_message(f"Received:{NBSP}from{NBSP}x{NBSP}by{NBSP}y;{NBSP}now\n")

    assert ("from x by y; now",) == message.received
    assert () == message.defects


STAMPS = [
    "Mon, 23 Nov 2026 10:11:12 +0000",
    "Mon, 23 Nov 2026 10:11:12 +0000\r",
    "Mon, 23 Nov 2026 10:11 +0000 (UTC)",
    "Mon, 23 Nov 2026 10:11:12 GMT",
    "Mon, 23 Nov 2026 10:11:12.345 -0700 (Pacific (Standard) Time) (x)",
    "Mon Nov 23 10:11:12 2026",
    "2026-11-23T10:11:12Z",
    "2026-11-23T10:11:12+00:00",
    "11/23/2026 10:11:12 AM",
    "Mon, 23 Nov 2026 10:11:12 +0000\n (using TLSv1.2 with cipher X (256/256 bits))\n (no cert)",
    "Mon, 23 Nov 2026 10:11:12 &#43;0000",
    "Mon, 23 Nov 2026 10:11:12 +0000<br>",
    "Mon, 23 Nov 2026 10:11:12",
]
FORGERIES = [
    "(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))",
    "with ESMTPS",
    "(TLS)",
    "TLS",
    "> (using TLSv1.3)",
    f"{NBSP}(using TLSv1.3)",
    "&nbsp;(using TLSv1.3)",
    "> > ; (TLSv1.3)",
    "+0000 (TLSv1.3)",
    "(UTC) (TLSv1.3)",
    "(TLSv1.3)(UTC)",
    "18:36:45 (TLSv1.3)",
    "x:",
]


@pytest.mark.parametrize("stamp", STAMPS)
@pytest.mark.parametrize("forgery", FORGERIES)
def test_nothing_joins_a_complete_line(stamp, forgery):
    """What a stranger's message begins with never joins the line that the server set above it."""
    value = f"from x by y with SMTP id 7; {stamp}".strip()
    message = read_message(f"Received: {value}\n{forgery}\nSubject: Lunch\n\nbody".encode())

    assert (value.removesuffix("<br>").replace("&#43;", "+"),) == (
        message.received[0].replace("&#43;", "+"),
    )
    assert DefectKind.PASTED not in find_kinds(message)


@pytest.mark.parametrize(
    "zone", ["+0000", "-0700 (PDT)", "GMT", "UTC", "MSK", "CEST", "&#43;0100 (CET)"]
)
def test_zone_joins_a_time(zone):
    """The zone, which a client broke off, is what a line with a time still lacks."""
    message = read_message(f"Received: from x; 23 Nov 2026 10:11:12\n{zone}\nTo: y\n")

    assert (f"from x; 23 Nov 2026 10:11:12\n {zone.replace('&#43;', '+')}",) == message.received


def test_helo_that_asks_for_decoding():
    """A HELO cannot write brackets by making the block look encoded."""
    helo = f"x=29=20(&#40;&#41;&lt;{NBSP}with{NBSP}ESMTPS&nbsp;with&nbsp;y=3D"
    value = f"from {helo} ([81.2.69.142]) by mx.example with SMTP for <you@mx.example>; 10:11 +0000"
    message = read_message(f"Received: {value}\nReceived: from z\n by w\ndamage\n\n".encode())

    expected = value.replace("&nbsp;", NBSP).replace("=3D", "=")

    assert expected == message.received[0]
    assert [DefectKind.PASTED, DefectKind.TRANSPORT_DAMAGE] == find_kinds(message)


def test_entities_are_decoded_once():
    """`&amp;lt;` is the text `&lt;`."""
    message = read_message("> Received: from &quot;x&quot; &amp;lt; &bogus; &#43;&#39;&#34;")

    assert ('from "x" &lt; &bogus; +\'"',) == message.received


def test_stray_line_keeps_its_continuations():
    """What continues a stray line joins no field."""
    message = read_message("Received: from x; 10:11 +0000\nstray line\n and more\nTo: y\n")

    assert ("from x; 10:11 +0000",) == message.received
    assert b"Received: from x; 10:11 +0000\nTo: y\n" == message.block


def test_strays_are_bounded():
    """After so many lines that are no field, the rest is a body."""
    strays = "stray line\n" * (MAX_STRAYS + 1)

    assert 1 == len(read_message("To: y\n" + strays[11:] + "Received: from x\n").received)
    assert 0 == len(read_message("To: y\n" + strays + "Received: from x\n").received)


def test_rejoined_lines_are_bounded():
    """One trace line gets back no more than so many."""
    message = read_message("Received: from x\n" + "more words\n" * (MAX_REJOINED + 1))

    assert MAX_REJOINED == message.received[0].count("more words")
    assert [DefectKind.BAD_FIELD, DefectKind.PASTED] == find_kinds(message)


def test_only_trace_lines_are_mended():
    """A line that other fields lost is left out: a stranger may have written it."""
    message = read_message("Received: from x; 10:11 +0000\nX-TLS: no\nyes or no\n\n")

    assert "no" == message.find_field("x-tls")
    assert [DefectKind.BAD_FIELD] == find_kinds(message)


def test_defects_show_the_line():
    """The defects show what was repaired, not more than a line of it."""
    long = "word " * 100
    message = read_message(f"Received: from x\n{long}\nTo: y\nstray {long}\n")

    assert (
        Defect(kind=DefectKind.BAD_FIELD, text=f"stray {long}"[:80]),
        Defect(kind=DefectKind.PASTED, text=long[:80]),
    ) == message.defects
