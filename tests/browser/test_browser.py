"""The page and the example notebooks in Chromium: what people see, on wide and narrow screens.

Without Chromium, or without the extra `browser`, each test is skipped by its name. Screenshots go
to the folder that HEADERTLS_SCREENSHOTS names.
"""

import os
import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import headertls

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = sorted((ROOT / "examples").glob("*.eml"))
NOTEBOOKS: Final = sorted((ROOT / "examples").glob("*.ipynb"))
HOSTILE: Final = Path(__file__).parent / "hostile.eml"
CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOKS: Final = [(theme, width) for theme in ("light", "dark") for width in (400, 1400)]
# The contrast of every text with the first background that is not transparent (WCAG 2, 1.4.3).
FIND_PALE: Final = """
() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = colour => colour.slice(0, 3).map(part => part / 255)
    .map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
    .reduce((sum, part, place) => sum + part * [.2126, .7152, .0722][place], 0);
  const behind = element => {
    for (let up = element; up; up = up.parentElement) {
      const colour = rgb(getComputedStyle(up).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll('.htls *')].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
  ).map(element => {
    const both = [light(rgb(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(...both) + .05) / (Math.min(...both) + .05);
    return [element.outerHTML.slice(0, 80), ratio];
  }).filter(([, ratio]) => ratio < 4.5);
}
"""
FIND_WIDE: Final = """
() => [...document.querySelectorAll('.htls, .htls *')]
  .filter(element => element.getBoundingClientRect().right > innerWidth + .5)
  .map(element => element.outerHTML.slice(0, 80))
"""
FIND_BAD_PICTURES: Final = """
() => [...document.images].filter(image => !image.naturalWidth
    || image.getBoundingClientRect().right > innerWidth + .5)
  .map(image => image.outerHTML.slice(0, 80))
"""
OPEN_ALL: Final = "() => document.querySelectorAll('details').forEach(part => part.open = true)"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A running browser."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def traces() -> dict[str, headertls.Trace]:
    """The examples, and a message that attacks its reader."""
    return {path.name: headertls.analyze(path) for path in [*EXAMPLES, HOSTILE]}


@pytest.fixture(scope="module")
def report(traces: dict[str, headertls.Trace], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report over all of them, as a file."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(headertls.report.html(traces), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example notebooks, executed, in the pages that Jupyter makes of them."""
    nbformat = pytest.importorskip("nbformat")
    pytest.importorskip("nbclient")
    nbconvert = pytest.importorskip("nbconvert")
    run = runpy.run_path(str(ROOT / "tools" / "run_notebooks.py"))["run"]
    # What Jupyter itself would load from elsewhere is not ours.
    exporter = nbconvert.HTMLExporter(
        mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url=""
    )
    folder = tmp_path_factory.mktemp("notebooks")
    pages = {}
    for path in NOTEBOOKS:
        book = run(nbformat.read(path, as_version=4))
        pages[path.stem] = folder / f"{path.stem}.html"
        pages[path.stem].write_text(exporter.from_notebook_node(book)[0], encoding="utf-8")
    return pages


@pytest.fixture(params=[path.stem for path in NOTEBOOKS])
def notebook(notebooks: dict[str, Path], request: pytest.FixtureRequest) -> Path:
    """Each of these pages."""
    return notebooks[request.param]


class Seen:
    """A page that was opened, and what it asked for on its way."""

    def __init__(self, chromium: Any, path: Path, theme: str = "light", width: int = 1400) -> None:
        self.requests: list[str] = []
        self.refused: list[str] = []
        self.dialogs: list[str] = []
        self.errors: list[str] = []
        self.context = chromium.new_context(
            color_scheme=theme, viewport={"width": width, "height": 900}, offline=True
        )
        self.page = self.context.new_page()
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog), dialog.dismiss()))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("requestfailed", lambda request: self.refused.append(request.url))
        self.page.goto(path.as_uri())

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page, where a folder for it is named."""
        if folder := os.environ.get("HEADERTLS_SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_report_fits_and_reads_well(chromium: Any, report: Path, theme: str, width: int) -> None:
    """Nothing overflows, closed or open, and every text has the contrast that readers need."""
    seen = Seen(chromium, report, theme, width)
    seen.shoot(f"report-{theme}-{width}")
    closed = seen.page.evaluate(FIND_WIDE)
    seen.page.evaluate(OPEN_ALL)
    seen.shoot(f"report-open-{theme}-{width}")

    assert [] == closed
    assert [] == seen.page.evaluate(FIND_WIDE)
    assert width >= seen.page.evaluate("document.documentElement.scrollWidth")
    assert [] == seen.page.evaluate(FIND_PALE)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_single_report_fits(
    chromium: Any, tmp_path: Path, traces: dict[str, headertls.Trace], theme: str, width: int
) -> None:
    """The same for a report on one message, as it comes with a ticket."""
    path = tmp_path / "report.html"
    path.write_text(headertls.report.html(traces["forged-trace.eml"]), encoding="utf-8")
    seen = Seen(chromium, path, theme, width)
    seen.shoot(f"message-{theme}-{width}")

    assert [] == seen.page.evaluate(FIND_WIDE)
    assert [] == seen.page.evaluate(FIND_PALE)


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_notebook_fits_and_reads_well(
    chromium: Any, notebook: Path, theme: str, width: int
) -> None:
    """Jupyter's own styles spoil neither views nor plots, whatever the theme of the system is."""
    seen = Seen(chromium, notebook, theme, width)
    seen.page.evaluate("theme => document.body.dataset.jpThemeLight = theme === 'light'", theme)
    seen.shoot(f"{notebook.stem}-{theme}-{width}")
    seen.page.evaluate(OPEN_ALL)

    assert [] == seen.page.evaluate(FIND_WIDE)
    assert [] == seen.page.evaluate(FIND_PALE)
    assert [] == seen.page.evaluate(FIND_BAD_PICTURES)


def test_report_shows_all(chromium: Any, report: Path, traces: dict[str, headertls.Trace]) -> None:
    """Every message, hop and finding is there, and can be seen once it is opened."""
    page = Seen(chromium, report).page
    page.evaluate(OPEN_ALL)
    messages = page.locator(".htls-message")

    assert len(traces) == messages.count()
    for number, (name, trace) in enumerate(traces.items()):
        message = messages.nth(number)
        shown = message.inner_text()
        assert name in shown
        assert len(trace) == message.locator(".htls-hop").count()
        assert [] == [n for n in range(1, len(trace) + 1) if f"hop {n}" not in shown]
        assert [] == [f.code for f in trace.findings if f.code.value not in shown]


def test_notebooks_show_all(chromium: Any, notebooks: dict[str, Path]) -> None:
    """The trace, its entry hop, the verdict and the list of traces are where their cells are."""
    one = Seen(chromium, notebooks["one-phish"]).page
    trace, hop, _verdict = one.locator(".htls").all()
    [several] = Seen(chromium, notebooks["mailbox"]).page.locator(".htls").all()

    assert [2, 1] == [view.locator(".htls-hop").count() for view in (trace, hop)]
    assert 3 == several.locator(".htls-message").count()
    assert [] == one.evaluate(
        "() => [...document.querySelectorAll('.htls [id]')].map(element => element.id)"
    )


def test_each_plot_is_one_picture(chromium: Any, notebooks: dict[str, Path]) -> None:
    """A figure as the last line of a cell is drawn exactly once, also without pyplot."""
    counts = {
        name: Seen(chromium, page).page.locator("img").count() for name, page in notebooks.items()
    }

    assert {"mailbox": 3, "one-phish": 1, "own-policy": 0} == counts


@pytest.mark.parametrize("name", ["report", *(path.stem for path in NOTEBOOKS)])
def test_nothing_is_requested(
    chromium: Any, report: Path, notebooks: dict[str, Path], name: str
) -> None:
    """The one file is all that is asked for; what Jupyter's page brings along is in the file."""
    path = notebooks.get(name, report)
    seen = Seen(chromium, path)
    seen.page.evaluate(OPEN_ALL)

    assert [path.as_uri()] == [url for url in seen.requests if not url.startswith("data:")]


def test_hostile_text_stays_text(chromium: Any, report: Path) -> None:
    """No script of a header runs, no element of it is made, and all of it can be read."""
    seen = Seen(chromium, report)
    seen.page.evaluate(OPEN_ALL)
    message = seen.page.locator(".htls-message", has_text=HOSTILE.name)

    assert [] == seen.dialogs
    assert [] == seen.errors
    assert "How these messages were transported" == seen.page.title()
    assert 0 == seen.page.locator("script, img, .htls svg svg, a, body style").count()
    assert "<script>alert(1)</script>" in message.inner_text()
    assert "onerror=alert(2)>" in message.inner_text()


def test_page_refuses_what_it_does_not_hold(chromium: Any, report: Path, tmp_path: Path) -> None:
    """Should markup get in nevertheless, the page's policy lets it neither load, run nor hide."""
    path = tmp_path / "spoilt.html"
    bad = (
        '<img src="http://evil.example/x.png"><script>document.title = "taken"</script>'
        "<style>main { display: none }</style></main>"
    )
    path.write_text(report.read_text(encoding="utf-8").replace("</main>", bad), encoding="utf-8")
    seen = Seen(chromium, path)

    assert "How these messages were transported" == seen.page.title()
    assert seen.page.locator("h1").is_visible()
    # As offline as the browser is, a request that the policy let through would fail, too.
    assert ["http://evil.example/x.png"] == seen.refused
    assert "Content Security Policy" in seen.errors[0]


def test_path_has_a_name_and_items(chromium: Any, report: Path) -> None:
    """For assistive technology the drawing is a named list with an item for each hop."""
    page = Seen(chromium, report).page
    page.evaluate(OPEN_ALL)
    paths = page.get_by_role("list", name="The path of the message, oldest hop first")

    assert len(EXAMPLES) == paths.count()
    assert page.locator(".htls-hop").count() == paths.get_by_role("listitem").count()


def test_folded_lines_open_with_the_keyboard(chromium: Any, report: Path) -> None:
    """Tab reaches a message, and Enter opens it."""
    page = Seen(chromium, report).page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert 1 == page.locator("details[open]").count()


def test_plaintext_differs_without_colour(chromium: Any, report: Path) -> None:
    """Each state of a stretch has a line of its own sort."""
    page = Seen(chromium, report).page
    page.evaluate(OPEN_ALL)
    styles = [
        page.locator(f".htls-hop.{name} .htls-link").first.evaluate(
            "part => { const s = getComputedStyle(part, '::before');"
            " return s.borderLeftStyle + parseFloat(s.borderLeftWidth).toFixed(0) }"
        )
        for name in ("htls-enc", "htls-plain", "htls-unrec", "htls-none")
    ]

    assert len(styles) == len(set(styles))
    assert styles[1].startswith("dashed")


def test_all_is_open_on_paper(chromium: Any, report: Path) -> None:
    """Printed, folded lines are shown, on a light ground."""
    page = Seen(chromium, report, "dark").page
    page.emulate_media(media="print")

    assert page.locator(".htls-hop pre").first.is_visible()
    assert "rgb(255, 255, 255)" == page.locator("main").evaluate(
        "main => getComputedStyle(main).backgroundColor"
    )
