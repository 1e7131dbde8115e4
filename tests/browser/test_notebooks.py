"""The tool that runs the example notebooks tells when their outputs have changed."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

TOOL: Final = Path(__file__).parents[2] / "tools" / "run_notebooks.py"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    """What the tool is made of."""
    pytest.importorskip("nbclient")
    return runpy.run_path(str(TOOL))


@pytest.fixture
def make_book() -> Callable[..., Any]:
    """Makes a notebook of one cell, with an output of the data given."""
    v4 = pytest.importorskip("nbformat.v4")

    def make(source: str = "1 + 1", **data: str) -> Any:
        kinds = {kind.replace("_", "/"): value for kind, value in data.items()}
        output = v4.new_output("execute_result", data=kinds, execution_count=1)
        return v4.new_notebook(cells=[v4.new_code_cell(source, outputs=[output] if data else [])])

    return make


def test_notebook_gets_its_outputs_and_no_more(
    tool: dict[str, Any], make_book: Callable[..., Any]
) -> None:
    """A run keeps what was shown, and neither times nor the kernel's version."""
    book = make_book()
    book.metadata["widgets"] = {"state": "old"}
    book.cells[0].metadata["execution"] = {"iopub.execute_input": "2024-05-06T12:00:00Z"}
    fresh = tool["run"](book)

    assert "2" == fresh.cells[0].outputs[0].data["text/plain"]
    assert {} == fresh.cells[0].metadata
    assert tool["METADATA"] == fresh.metadata
    assert [] == book.cells[0].outputs


@pytest.mark.parametrize(
    ("committed", "fresh", "expected"),
    [
        ({"text_plain": "2"}, {"text_plain": "2"}, True),
        ({"text_plain": "2"}, {"text_plain": "3"}, False),
        ({"text_html": "<b>2</b>"}, {"text_html": "<i>2</i>"}, False),
        ({"image_png": "AAAA"}, {"image_png": "BBBB"}, True),
        ({"image_png": "AAAA"}, {}, False),
        ({"source": "1 + 1"}, {"source": "1 + 2"}, False),
    ],
)
def test_drift_is_seen_and_shown(  # noqa: PLR0913  # a case, and what is needed for it
    tool: dict[str, Any],
    make_book: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    committed: dict[str, str],
    fresh: dict[str, str],
    *,
    expected: bool,
) -> None:
    """Texts have to be the same, pictures only have to be there."""
    is_same = tool["compare"](Path("a.ipynb"), make_book(**committed), make_book(**fresh))

    assert expected == is_same
    assert expected == ("" == capsys.readouterr().out)
