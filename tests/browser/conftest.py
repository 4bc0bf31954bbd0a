"""A JupyterLab server of its own for each test, and one headless Chromium for all of them."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
playwright.expect.set_options(timeout=30_000)  # milliseconds; other tests may run beside these

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
SETTINGS = {
    "apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
    # all cells are on the page, and nothing but cells
    "notebook-extension/tracker": '{"windowingMode": "none", "scrollPastEnd": false}',
}
START_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser) -> Iterator:
    """A page that notes JavaScript errors and requests that leave this machine."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.script_errors, page.off_site = [], []
    page.on("pageerror", lambda error: page.script_errors.append(str(error)))
    page.on("request", lambda r: None if _is_local(r.url) else page.off_site.append(r.url))
    yield page
    context.close()


def _is_local(url: str) -> bool:
    local = r"(https?|wss?)://(127\.0\.0\.1|localhost)[:/]|data:|blob:|file:"
    return re.match(local, url) is not None


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Start JupyterLab in a folder; returns its address. It has a home of its own.

    settings: a folder like etc/jupyter of an environment, beside that of ours.
    """
    servers = []

    def start(folder: Path, settings: Path | None = None) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        home = tmp_path / f"home-{len(servers)}"
        for name, setting in SETTINGS.items():
            file = home / "config/lab/user-settings/@jupyterlab" / name
            file.parent.mkdir(parents=True)
            file.with_name(f"{file.name}.jupyterlab-settings").write_text(setting)
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
            *("--ServerApp.port_retries=0", "--IdentityProvider.token="),
            f"--ServerApp.root_dir={folder}",
        ]
        log = (home / "jupyterlab.log").open("w+")
        servers.append(
            subprocess.Popen(command, cwd=folder, env=_own(home, settings), stdout=log, stderr=log)
        )
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and servers[-1].poll() is None:
            try:
                urllib.request.urlopen(f"{address}/api", timeout=1)
            except OSError:
                time.sleep(0.1)
            else:
                return address
        pytest.fail(f"JupyterLab did not start: {Path(log.name).read_text()}")

    yield start
    for server in servers:
        server.terminate()
        server.wait(20)


def _own(home: Path, settings: Path | None) -> dict[str, str]:
    inherited = {name: v for name, v in os.environ.items() if not name.startswith("JUPYTER")}
    return inherited | {
        "JUPYTER_CONFIG_PATH": str(settings or ""),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
    }


@pytest.fixture
def barriers(page) -> Callable[..., list[str]]:
    """What axe-core finds on the page that keeps people out: its rule, how bad, and where."""

    def find(within: str = "html", *, besides: str = "") -> list[str]:
        context = {"include": [[within]]} | ({"exclude": [[besides]]} if besides else {})
        found = axe.Axe().run(page, context, {"resultTypes": ["violations"]}).response
        return [
            f"{violation['id']} ({violation['impact']}): {node['target']} {node['html'][:100]}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]

    return find


@pytest.fixture
def screenshot(request) -> Callable[..., None]:
    """Save what is to be seen, for a person to look at, when SCREENSHOTS names a folder.

    The whole page, or all that one of its elements shows when one scrolls it. It is the test's
    page, unless another is named.
    """

    def take(name: str, scrolled: str = "", page=None) -> None:
        if "SCREENSHOTS" not in os.environ:
            return
        page = page or request.getfixturevalue("page")
        folder = Path(os.environ["SCREENSHOTS"])
        folder.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        if scrolled:
            below = page.locator(scrolled).evaluate("e => e.scrollHeight - e.clientHeight")
            page.set_viewport_size(size | {"height": size["height"] + below})
            page.wait_for_timeout(500)  # JupyterLab lays its panels out a little later
            page.locator(scrolled).evaluate("e => e.scrollTo(0, 0)")
        page.screenshot(path=folder / f"{request.node.name}-{name}.png", full_page=True)
        if scrolled:
            page.set_viewport_size(size)

    return take
