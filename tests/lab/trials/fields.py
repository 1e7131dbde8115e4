"""Whether a delivered message has the one field of results that it should have, and a true one."""

from collections.abc import Iterable, Iterator, Mapping

from headertls import LiveConnection, ResultWord, parse_result_field
from headertls.authresults import claims_result
from headertls.models import METHOD, ResultField
from headertls.parser.live import read_live
from lab.letters import FOREIGN, Arrived, Sent
from lab.names import HOST, LOOPBACK

RESULTS = "authentication-results"


def find_wrong_fields(sent: Iterable[Sent], arrived: Mapping[str, Arrived]) -> Iterator[str]:
    """Compare the field of each message with what the client knows of its session."""
    for one in sent:
        name = one.letter.name
        if name in arrived:
            yield from (f"{name}: {fault}" for fault in _find_faults(one, arrived[name]))


def has_field(message: Arrived) -> bool:
    """Tell whether a message has a result under the server's name, be it forged."""
    return any(claims_result(value, HOST, METHOD) for value in list_results(message))


def list_results(message: Arrived) -> list[str]:
    """Give the values of all fields of results."""
    return [value for name, value in message.fields if name == RESULTS]


def _find_faults(one: Sent, message: Arrived) -> Iterator[str]:
    own = [value for value in list_results(message) if claims_result(value, HOST, METHOD)]
    if len(own) != 1:
        yield f"{len(own)} fields of results"
        return
    names = [name for name, _ in message.fields]
    if names.index("from") < names.index(RESULTS):
        yield "the field is not on top"
    field = parse_result_field(own[0])
    if field is None:
        yield f"a field that is none: {own[0]}"
        return
    yield from _compare(one, field)
    yield from _find_lost(one, message)


def _compare(one: Sent, field: ResultField) -> Iterator[str]:
    result, tls, plan = field.result, one.tls, one.letter.plan
    expected = ResultWord.PASS if tls else ResultWord.FAIL
    if plan.place is LOOPBACK and not tls:
        expected = ResultWord.NONE
    if result.word is not expected:
        yield f"{result.word}, not {expected}: {field.value}"
    if plan.place is LOOPBACK:
        return
    if str(result.remote_ip) != plan.place.address:
        yield f"from {result.remote_ip}"
    if result.version != (tls and tls.version):
        yield f"version {result.version}"
    if tls and _read_code(result.cipher) != tls.code:
        yield f"cipher {result.cipher}, not {tls.cipher}"


def _read_code(cipher: str | None) -> int | None:
    read = read_live(LiveConnection(cipher=cipher)).tls
    return read.suite.code if read and read.suite else None


def _find_lost(one: Sent, message: Arrived) -> Iterator[str]:
    """Tell of fields of others that should have stayed."""
    values = list_results(message)
    for field in FOREIGN:
        value = field.partition(": ")[2]
        if field in one.letter.fields and value not in values:
            yield f"a field of another server is missing: {value}"
