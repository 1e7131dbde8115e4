"""The plan of the house: imports point down, and each third party has its modules."""

import ast
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import pytest

import headertls

PACKAGE: Final = Path(headertls.__file__).parent

ROOMS: Final = MappingProxyType(
    {
        # a room and the rooms that it may look into
        "models": frozenset(),
        "tls": frozenset({"models"}),
        "net": frozenset(),
        "words": frozenset({"models"}),
        "parser": frozenset({"models", "tls", "words"}),
        "source": frozenset({"models"}),
        "classifier": frozenset({"models", "tls", "net", "words"}),
        "settings": frozenset({"models"}),
        "analysis": frozenset({"models", "source", "parser", "classifier"}),
        "authresults": frozenset({"models", "source", "parser", "analysis"}),
        "redaction": frozenset({"models", "tls", "net", "words", "source", "parser", "classifier"}),
        "report": frozenset({"models"}),
        "plots": frozenset({"models", "net", "report"}),
        "rows": frozenset({"models", "net", "source", "parser", "classifier", "report"}),
        "arrow": frozenset({"models", "source", "analysis", "report", "rows"}),
        "spark": frozenset({"models", "arrow"}),
        "mailboxes": frozenset({"models", "source"}),
        "corpus": frozenset(
            {"models", "tls", "net", "source", "parser", "classifier", "analysis", "report"}
            | {"arrow", "mailboxes", "redaction", "rows"}
        ),
        "integrations": frozenset(
            {"models", "source", "parser", "analysis", "corpus", "mailboxes", "authresults"}
            | {"report"}
        ),
        "cli": frozenset(
            {"models", "settings", "source", "analysis", "redaction", "report", "corpus"}
            | {"mailboxes", "authresults", "integrations"}
        ),
        "__main__": frozenset({"cli"}),
        # the public names and nothing else
        "__init__": frozenset(
            {"models", "parser", "settings", "analysis", "redaction", "report", "corpus", "plots"}
            | {"arrow", "authresults", "tls"}
        ),
    }
)

DOORS: Final = frozenset(
    {
        # methods for people, on a model that they hold; imported when called
        ("models.results", "headertls.authresults.syntax"),
        ("models.traces", "headertls.arrow"),
        ("models.traces", "headertls.arrow.tables"),
        ("models.traces", "headertls.parser.fields.authentication"),
        ("models.traces", "headertls.report.dataframe"),
        ("models.traces", "headertls.report.text"),
        ("models.traces", "headertls.report.web"),
        ("models.hops", "headertls.report.web"),
        ("models.verdicts", "headertls.report.web"),
    }
)
"""The imports that point up nevertheless."""

THIRD_PARTIES: Final = MappingProxyType(
    {
        # a package and the modules that may import it; all others are the standard library's
        "pyparsing": frozenset({"parser.grammar", "parser.tls"}),
        "dateutil": frozenset({"parser.dates"}),
        "pydantic": frozenset(
            {"models.base", "models.live", "models.site", "models.policy", "settings"}
        ),
        "publicsuffixlist": frozenset({"net.domains"}),
        "authres": frozenset({"parser.fields.authentication"}),
        "aiosmtpd": frozenset({"integrations.smtpd"}),
        "pandas": frozenset({"report.dataframe"}),
        "matplotlib": frozenset({"plots.canvas"}),
        "pyarrow": frozenset(
            {"arrow.batches", "arrow.schema", "arrow.tables", "mailboxes.tables"}
            | {"corpus.arrow_output", "corpus.arrow_rows"}
        ),
        "kilter": frozenset({"integrations.milter.session", "integrations.milter.wire"}),
        "prometheus_client": frozenset({"integrations.metrics"}),
        "filelock": frozenset({"cli.targets"}),
        "olefile": frozenset({"mailboxes.outlook"}),
        "rich": frozenset(
            {"report.table", "report.raw", "report.terminal", "cli.console", "cli.progress"}
        ),
        "cyclopts": frozenset(
            {"cli.app", "cli.completion", "cli.filter", "cli.milter", "cli.options", "cli.run"}
            | {"cli.calibrate", "cli.scan", "cli.scanning", "cli.trace", "cli.values"}
        ),
    }
)

NAMELESS: Final = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager"})
"""Names that say nothing of what a module holds."""


class Import(NamedTuple):
    """One imported module, by its full name, and the module that imports it."""

    importer: str
    imported: str


def iter_modules() -> Iterator[tuple[str, Path]]:
    """Give each module of the package, by its name without the package's."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        yield ".".join(parts), path


def iter_imports(module: str, path: Path) -> Iterator[Import]:
    """Give the imports of a module, wherever they stand in it, also under `TYPE_CHECKING`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (Import(module, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            assert node.module is not None
            if node.module == "headertls":
                # `from headertls import models` looks into a room, too
                yield from (Import(module, f"headertls.{alias.name}") for alias in node.names)
            else:
                yield Import(module, node.module)


MODULES: Final = dict(iter_modules())
IMPORTS: Final = [found for name, path in MODULES.items() for found in iter_imports(name, path)]


def room_of(module: str) -> str:
    """The room of a module that is named without the package's name."""
    return module.split(".", maxsplit=1)[0]


def test_modules_are_seen() -> None:
    """The other tests look at modules that exist and at imports that are there."""
    assert {"__init__", "models", "parser.grammar", "classifier.trust"} <= MODULES.keys()
    assert Import("parser.grammar", "pyparsing") in IMPORTS
    assert Import("parser", "headertls.parser.received") in IMPORTS


def test_every_room_has_a_row() -> None:
    """A new room has to find its place in the table before it is built."""
    assert sorted(ROOMS) == sorted({room_of(module) for module in MODULES})


def test_imports_point_down() -> None:
    """No room looks into one above it, or into one beside it: facts and judgement stay apart."""
    wrong = [
        found
        for found in IMPORTS
        if found.imported.startswith("headertls.")
        and (room := room_of(found.importer)) != (other := found.imported.split(".")[1])
        and other not in ROOMS[room]
        and (found.importer, found.imported) not in DOORS
    ]

    assert [] == wrong


def test_table_of_rooms_has_no_circle() -> None:
    """The table itself points down: in some order, each room needs only those before it."""
    placed: set[str] = set()
    while ready := {room for room, needs in ROOMS.items() if needs <= placed} - placed:
        placed |= ready

    assert set(ROOMS) == placed


def test_third_parties_stay_in_their_rooms() -> None:
    """Each package from outside is imported by the modules of its row, and by no other."""
    homes: dict[str, set[str]] = {}
    for importer, imported in IMPORTS:
        package = imported.split(".", maxsplit=1)[0]
        if package != "headertls" and package not in sys.stdlib_module_names:
            homes.setdefault(package, set()).add(importer)

    assert sorted(THIRD_PARTIES) == sorted(homes)
    assert {package: set[str]() for package in homes} == {
        package: modules - THIRD_PARTIES[package] for package, modules in homes.items()
    }


@pytest.mark.parametrize("package", ["pydantic", "publicsuffixlist", "dateutil"])
def test_grammar_stays_apart(package: str) -> None:
    """Grammar and values meet in other modules: the grammars need nothing but pyparsing."""
    grammars = THIRD_PARTIES["pyparsing"]

    assert [] == [found for found in IMPORTS if found.importer in grammars and package in found[1]]


def test_possessive_quantifiers_stand_behind_characters_only() -> None:
    """Behind a group they match wrongly in CPython 3.11.0 to 3.11.4 (gh-106052).

    Debian 12 has one of these. There, too, `(?>...)` matches as it should.
    """
    # the end of a group, or of another pattern put in, and a quantifier with a plus
    behind_group = re.compile(r"(?<!\\)[)}](?:[*+?]|\{+\d*,?\d*\}+)\+")
    texts = {
        name: [
            node.value if isinstance(node, ast.Constant) else ast.unparse(node)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant | ast.JoinedStr)
        ]
        for name, path in MODULES.items()
    }

    assert behind_group.search(r"(?:a|b)*+") is not None
    assert {} == {
        name: found
        for name, values in texts.items()
        if (found := [str(value) for value in values if behind_group.search(str(value))])
    }


def test_module_names_say_something() -> None:
    """No module is called after nothing in particular."""
    parts = {part.strip("_").lower() for module in MODULES for part in module.split(".")}

    assert set() == parts & NAMELESS


def test_all_is_what_is_public() -> None:
    """`headertls.__all__` names all that the package shows without an underscore."""
    rooms = {module.name for module in pkgutil.iter_modules(headertls.__path__)}
    tools = {"TYPE_CHECKING", "Final", "import_module"}
    shown = {name for name in dir(headertls) if not name.startswith("_")} - rooms - tools

    assert sorted(shown) == sorted(headertls.__all__)


def test_late_names_are_loaded_when_asked_for() -> None:
    """Who only imports pays for no model and no grammar, and who analyzes for no HTML."""
    code = (
        "import sys, headertls; late = ('headertls.redaction', 'headertls.report');"
        "assert not {'pydantic', 'pyparsing', 'dateutil'}.intersection(sys.modules);"
        "assert headertls.analyze is headertls.analyze and headertls.tls.find_suite;"
        "assert not any(name.startswith(late) for name in sys.modules);"
        "assert headertls.redact is headertls.redact and headertls.report.html and headertls.show;"
        "assert headertls.plots.plot_delays and 'matplotlib' not in sys.modules;"
        "assert 'pyarrow' not in sys.modules and headertls.arrow.to_table"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603  # our own interpreter
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = headertls.nothing
    assert callable(headertls.to_frame)
    assert headertls.__getattr__("report") is headertls.report
    assert callable(headertls.report.html)
    assert callable(headertls.__getattr__("plots").plot_delays)
    assert callable(headertls.__getattr__("arrow").to_table)
    assert headertls.__getattr__("analyze") is headertls.analyze


def test_extra_that_is_missing_is_no_attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What looks at all names, as `help` does, goes on; who imports it hears the reason."""
    for name in [name for name in sys.modules if name.startswith("headertls.arrow")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(headertls, "arrow", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    assert not hasattr(headertls, "arrow")
    with pytest.raises(ImportError, match=r"pip install 'headertls\[arrow\]'"):
        from headertls import arrow  # noqa: F401, PLC0415  # the import is what is tested


def test_version_is_told() -> None:
    """The package tells its version as its metadata has it."""
    assert headertls.__version__ == version("headertls")


def test_models_are_public() -> None:
    """Every model and error can be had from the package itself."""
    public = {
        name
        for name, value in vars(headertls.models).items()
        if isinstance(value, type)
        and value.__module__.startswith("headertls.models.")
        and not name.startswith("_")
    }

    assert set() == public - set(headertls.__all__)
