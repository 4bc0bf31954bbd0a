"""The site: every page opens without errors, without the network, and can be searched."""

import functools
import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue import LABS
from grading.course import Course

ROOT = Path(__file__).parents[2]

pytest.importorskip("sphinx", reason="Sphinx is not installed (group docs)")
pytest.importorskip("myst_nb", reason="myst-nb is not installed (group docs)")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "docs", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def site(built: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_it_is_built_without_a_warning(built):
    assert (built / "index.html").exists()


def test_every_page_opens_and_fetches_nothing_from_elsewhere(
    page, site, built, barriers, screenshot
):
    names = [path.relative_to(built).as_posix() for path in built.rglob("*.html")]
    assert {"index.html", "grading.html", "notebooks/lab02/03_multi_head.html"} <= set(names)
    for name in names:
        page.goto(f"{site}/{name}")  # which waits until all is loaded
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not wide, f"{name} scrolls sideways"
        # Sphinx gives the captions of a list of pages a role without its level
        found = barriers("article", besides=".toctree-wrapper > .caption")
        assert found == [], name
        screenshot(name.replace("/", "-"))
    assert page.script_errors == []
    assert page.off_site == []


def test_formulas_are_typeset(page, site):
    page.goto(f"{site}/02_sliding_window.html")
    page.locator("mjx-container").first.wait_for()
    assert page.locator("mjx-container").count() > 20


def test_the_notebooks_show_figures_and_stubs_and_no_solution(page, site, course: Course):
    for path in [path for name in LABS for path in course.release_notebooks(name)]:
        page.goto(f"{site}/notebooks/{path.parent.name}/{path.stem}.html")
        figures = page.locator("article img")
        assert figures.count() >= 2, path.stem
        assert all(figure.get_attribute("alt") for figure in figures.all()), path.stem
        assert page.locator("text=YOUR CODE HERE").count() >= 3
        for hidden in ("BEGIN SOLUTION", "HIDDEN TESTS", "Traceback", "NotImplementedError:"):
            assert hidden not in page.locator("article").inner_text(), f"{hidden} in {path.stem}"


def test_the_site_can_be_searched(page, site):
    page.goto(f"{site}/search.html?q=receptive")
    page.locator("#search-results li").first.wait_for()
    assert "01_sliding_window" in page.locator("#search-results").inner_html()


def test_there_is_a_dark_mode(page, site, barriers, screenshot):
    page.emulate_media(color_scheme="dark")
    page.goto(f"{site}/index.html")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, background.removeprefix("rgb(").rstrip(")").split(","))) < 200
    page.goto(f"{site}/notebooks/lab02/02_global_tokens.html")
    assert barriers("article") == []
    screenshot("notebook")
