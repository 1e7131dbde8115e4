"""Threads and other users of pyparsing: no answer depends on them, and we change nothing of theirs.

Each promise is about a fresh interpreter, so each test starts one.
"""

import json
import subprocess
import sys
from typing import Any, Final

import pytest

from headertls import parse_received

LINES: Final = (
    """\
from relay.larkhill.example (relay.larkhill.example [81.2.69.144])
\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)
\t(No client certificate requested)
\tby mx.larkhill.example (Postfix) with ESMTPS id 4Qabc1
\tfor <ann@larkhill.example>; Tue, 29 Aug 2023 10:11:12 +0200 (CEST)""",
    """\
from mail.larkhill.example (81.2.69.145) by AM7PR03MB6196.eurprd03.prod.outlook.com
 (10.167.16.12) with Microsoft SMTP Server (version=TLS1_2,
 cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.6792.28 via Frontend Transport;
 Tue, 29 Aug 2023 08:11:12 +0000""",
    """\
from larkhill.example ([81.2.69.146] helo=hello.larkhill.example)
\tby vm.larkhill.example with esmtps (TLS1.2:ECDHE-RSA-AES128-GCM-SHA256:128)
\t(Exim 4.92)
\t(envelope-from <a@larkhill.example>)
\tid 1qbcde-0001Ab-Cd for b@larkhill.example; Tue, 29 Aug 2023 08:11:12 +0000""",
    """\
from [10.0.0.7] (unknown [81.2.69.147])
\t(Authenticated sender: ann)
\tby mx.larkhill.example (Postfix) with ESMTPA id 5Zxy;
\tTue, 29 Aug 2023 10:11:12 +0200""",
)

RACE: Final = """
import json, sys, threading
import headertls
lines = json.loads(sys.argv[1])
sys.setswitchinterval(1e-6)
start = threading.Barrier(8)
answers = [None] * 8

def race(place):
    start.wait()
    # each thread begins with another line and another name, so that first loads and first parses
    # coincide everywhere
    turn = [(place + step) % len(lines) for step in range(len(lines))]
    try:
        getattr(headertls, headertls.__all__[place * 7])
        found = {i: headertls.parse_received(lines[i]).model_dump_json() for i in turn}
    except Exception as error:
        answers[place] = repr(error)
    else:
        answers[place] = [found[i] for i in range(len(lines))]

threads = [threading.Thread(target=race, args=(place,)) for place in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(answers))
"""

STATE: Final = """
import pyparsing as pp

def find_state():
    # whatever is set for all grammars is an attribute of these; functions among them, too, since
    # packrat parsing works by putting another one in their place
    holders = (pp.ParserElement, pp.__diag__, pp.__compat__)
    state = [{name: repr(getattr(holder, name)) for name in dir(holder)} for holder in holders]
    # a grammar of a neighbour, made and used now, shows the defaults at work
    pair = pp.Word(pp.alphas) + "-" + pp.Word(pp.alphas)
    return [state, pair.parse_string("a - b").as_list()]
"""

IMPORT: Final = f"""{STATE}
import json, sys
before = find_state()
import headertls
headertls.parse_received(json.loads(sys.argv[1])[0])
print(json.dumps([before, find_state()]))
"""

NEIGHBOURS: Final = {
    "white space": "pp.ParserElement.set_default_whitespace_chars('-')",
    "no white space": "pp.ParserElement.set_default_whitespace_chars('')",
    "literals": "pp.ParserElement.inline_literals_using(pp.Suppress)",
    "packrat": "pp.ParserElement.enable_packrat()",
    "left recursion": "pp.ParserElement.enable_left_recursion()",
}

AFTER_NEIGHBOUR: Final = """
import json, sys
import pyparsing as pp
{}
from headertls import parse_received
print(json.dumps([parse_received(line).model_dump_json() for line in json.loads(sys.argv[1])]))
"""


def run(program: str) -> Any:
    """Run *program* in a fresh interpreter that gets `LINES`, and read what it prints."""
    command = [sys.executable, "-c", program, json.dumps(LINES)]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")  # noqa: S603
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def answers() -> list[str]:
    """The right answers; that they are right is shown by the fixtures of `test_received`."""
    return [parse_received(line).model_dump_json() for line in LINES]


def test_lines_say_something(answers: list[str]) -> None:
    """The lines have TLS facts to lose, so a wrong answer would show."""
    hops = [json.loads(answer) for answer in answers]

    versions = [(hop["tls"] or {}).get("version") for hop in hops]
    assert ["TLSv1.3", "TLSv1.2", "TLSv1.2", None] == versions
    assert ["ESMTPS", "Microsoft SMTP Server", "ESMTPS", "ESMTPA"] == [h["protocol"] for h in hops]
    assert [[]] * 8 == [hop[rest] for hop in hops for rest in ("defects", "unparsed")]


@pytest.mark.parametrize("attempt", range(3))
def test_threads_may_race_for_the_first_parse(answers: list[str], attempt: int) -> None:
    """Eight threads that load and parse at once in a fresh process all get the right answers."""
    assert [answers] * 8 == run(RACE), attempt


def test_import_changes_no_pyparsing_global() -> None:
    """Importing and using headertls leaves every setting of pyparsing as it was."""
    before, after = run(IMPORT)

    assert before == after


@pytest.mark.parametrize("setting", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_neighbours_settings_change_no_answer(answers: list[str], setting: str) -> None:
    """What another user of pyparsing set for the whole process before, does not reach us."""
    assert answers == run(AFTER_NEIGHBOUR.format(setting))
