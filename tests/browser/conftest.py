"""The portal as a newcomer starts it, and a real browser in front of it.

The browser is Debian's Chromium; `make test` installs it. Its absence is a failure. Every page that
a test opens is watched: no error in the console, no request to another host.
"""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from app.db import Database

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)
PEOPLE = {
    "newcomer": "Leila Haddad",
    "engineer": "Amara Okafor",
    "German analyst": "Lukas Brandt",
    "curator": "Helen Marsh",
    "admin": "Tomasz Wieczorek",
}


class Portal:
    """A running Foyer with the sample company."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("FOYER_")} | {
            "FOYER_DATA_DIR": str(folder),
            "FOYER_DEMO": "1",
            "FOYER_BASE_URL": self.url,
            "FOYER_BIND": f"127.0.0.1:{self.port}",
            "FOYER_LOG_LEVEL": "WARNING",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "passive",
        }

    def run(self, *command: str) -> None:
        """Run one command of the command line to its end."""
        subprocess.run(
            [sys.executable, "-m", "app.cli", *command],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
        )

    def metadata(self, slug: str) -> str:
        """Return the metadata that the portal has for an identity provider."""
        with urllib.request.urlopen(f"{self.url}/saml/{slug}/metadata", timeout=5) as answer:
            return answer.read().decode()

    def serve(self, *options: str) -> subprocess.Popen:
        """Start web server and worker and wait until they can serve."""
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", *options], cwd=ROOT, env=self.env
        )
        for _ in range(300):
            if process.poll() is not None:
                raise RuntimeError("the portal did not start")
            if _answers(self.url + "/readyz"):
                return process
            time.sleep(0.1)
        process.terminate()
        raise RuntimeError("the portal was not ready within 30 seconds")


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """Return the running portal, made by the command that `make run` uses."""
    portal = Portal(tmp_path_factory.mktemp("portal"))
    portal.run("demo", "prepare")
    process = portal.serve()
    yield portal
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture(scope="session")
def database(portal):
    """Return the database of the running portal."""
    database = Database(f"sqlite:///{portal.env['FOYER_DATA_DIR']}/foyer.db")
    yield database
    database.close()


@pytest.fixture(scope="session")
def chromium(playwright):
    """Return a running Chromium."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture
def watched():
    """Collect what no page may do; the test fails if anything is left in it."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def open_browser(chromium, portal, watched):
    """Return a function that opens a watched page: `open_browser(width=390, javascript=False)`."""
    contexts = []

    def opened(width=1360, height=900, javascript=True, scheme="light", **more):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            color_scheme=scheme,
            base_url=portal.url,
            reduced_motion="reduce",
            **{"locale": "en-GB", **more},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: _note(watched, message))
        page.on("pageerror", lambda error: watched.append(f"script error: {error}"))
        page.on("request", lambda request: _stay(watched, request, portal))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_browser):
    """Return a page at 1360 px."""
    return open_browser()


@pytest.fixture
def sign_in(portal):
    """Return a function that signs a page in as one of the sample people."""

    def signed_in(page, who):
        page.goto("/sign-in")
        page.locator(".choice", has_text=PEOPLE.get(who, who)).first.locator("button").click()
        page.wait_for_url("**/")
        return page

    return signed_in


# what htmx says of a request that it gives up for a newer one; failures have words of their own
GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")


def _note(watched, message):
    if message.text.startswith(GIVEN_UP):
        return
    if message.type == "error" and "status of 4" not in message.text:
        watched.append(f"console: {message.text}")


def _stay(watched, request, portal):
    if request.url.startswith("data:") or request.is_navigation_request():
        return
    if urlsplit(request.url).netloc != urlsplit(portal.url).netloc:
        watched.append(f"a request to {request.url}")


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False
