"""The table of words behind `with`, which the parser and the classifier share."""

import pytest

from headertls import Hop, parse_received
from headertls.words import WORDS, WithWord

REGISTERED = {
    f"{name}{tls}{auth}"
    for name in ("ESMTP", "LMTP", "UTF8SMTP", "UTF8LMTP")
    for tls in ("", "S")
    for auth in ("", "A")
} | {"SMTP", "MMS"}
"""RFC 5321, RFC 3848, RFC 4356, RFC 6531."""


def test_each_word_stands_once() -> None:
    """Case does not tell words apart, so a second row would hide the first."""
    names = [word.name.lower() for word in WORDS]

    assert len(names) == len(set(names))


def test_words_of_the_registry_are_all_there() -> None:
    """The registry of SMTP has eighteen types."""
    assert {word.name for word in WORDS if word.registered} == REGISTERED


@pytest.mark.parametrize("word", [word for word in WORDS if word.registered])
def test_letters_of_registered_words_say_what_they_say(word: WithWord) -> None:
    """S is for TLS and A for authentication (RFC 3848)."""
    letters = word.name.rpartition("MTP")[2]

    assert (word.tls is not None, word.authenticated) == ("S" in letters[:1], "A" in letters)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_house_words_are_shown_as_written(word: WithWord) -> None:
    """All others are shown in upper case, however they are written."""
    text = word.name.swapcase()
    hop: Hop = parse_received(f"from a.example by b.example with {text} id 1")

    assert hop.protocol == (text if word.house else word.name)
