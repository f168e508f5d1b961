"""A web on this machine whose live pages answer as unwillingly as live pages of the web do.

Each way of answering is a site of its own, at its own port. Every page is there.
"""

import threading
import time
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SLOW = 0.05
_LONG = b"x" * 1_000_000


def plain(page):
    page.send(200)


def slow(page):
    time.sleep(SLOW)
    page.send(200)


def refuses_head(page):
    page.send(405 if page.command == "HEAD" else 200)


def denies_by_head(page):
    page.send(404 if page.command == "HEAD" else 200)


def breaks_by_head(page):
    page.send(500 if page.command == "HEAD" else 200)


def hangs_up_on_head(page):
    if page.command == "HEAD":
        page.close_connection = True
    else:
        page.send(200)


def no_robots(page):
    page.send(403)


def wants_a_password(page):
    page.send(401, {"WWW-Authenticate": 'Basic realm="works"'})


def sends_to_sign_in(page):
    page.send(303, {"Location": f"/login/index.php?wantsurl={page.path}"})


def sends_to_sign_in_for_good(page):
    page.send(301, {"Location": "https://login.example.org/oauth2/authorize?state=1"})


def too_many(page):
    if page.times() % 2:
        page.send(429, {"Retry-After": "30"})
    else:
        page.send(200)


def stumbles(page):
    page.send(503 if page.times() <= 2 else 200)


def wants_a_cookie(page):
    page.send(302, {"Location": page.path, "Set-Cookie": "seen=1"})


def wants_consent(page):
    if page.path.startswith("/consent"):
        page.send(302, {"Location": page.path.partition("to=")[2], "Set-Cookie": "yes=1"})
    else:
        page.send(302, {"Location": f"/consent?to={page.path}"})


def adds_a_query(page):
    page.send(200 if "?" in page.path else 301, {"Location": f"{page.path}?lang=en&sid=12345"})


def picks_a_language(page):
    there = page.path.startswith("/en/")
    page.send(200 if there else 302, {"Location": f"/en{page.path}"})


def is_long(page):
    page.send(200, {"Content-Encoding": "gzip"}, _LONG)  # which it is not


def says_gone_softly(page):
    page.send(200, {}, b"<h1>404 Not Found</h1>")


def is_odd(page):
    page.send(999)


def answers_to_nothing_known(page):
    page.send(406 if page.command == "HEAD" else 200, {"ETag": 'W/"1"'})


WAYS = (
    plain,
    slow,
    refuses_head,
    denies_by_head,
    breaks_by_head,
    hangs_up_on_head,
    no_robots,
    wants_a_password,
    sends_to_sign_in,
    sends_to_sign_in_for_good,
    too_many,
    stumbles,
    wants_a_cookie,
    wants_consent,
    adds_a_query,
    picks_a_language,
    is_long,
    says_gone_softly,
    is_odd,
    answers_to_nothing_known,
)


@contextmanager
def hostile_web():
    """Give the addresses of all sites, by their way of answering."""
    with ExitStack() as stack:
        yield {way.__name__: stack.enter_context(_site(way)) for way in WAYS}


@contextmanager
def _site(way):
    counts = {}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            way(self)

        do_HEAD = do_GET  # noqa: N815 (the name that the server looks for)

        def times(self):
            """Return how often this page was asked for, this time included."""
            path = urlsplit(self.path).path
            counts[path] = counts.get(path, 0) + 1
            return counts[path]

        def send(self, status, headers=(), body=b"<h1>Here</h1>"):
            self.send_response(status)
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            try:
                self.wfile.write(body)
            except OSError:  # nobody reads on
                self.close_connection = True

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
