"""A proxy on loopback that stands before any web server and breaks a share of all exchanges.

It does on the wire what `faults` does in memory, and what only a wire can do: it answers too late,
lets the answer drip, cuts it in the middle, hangs, closes without a word, and talks nonsense.
"""

import datetime as dt
import random
import select
import socket
import socketserver
import threading
from contextlib import suppress
from email.utils import format_datetime
from urllib.parse import urlsplit

from tests.support.tools.faults import LOGIN, SORRY

_DRIP = 0.02


class Proxy:
    """Passes requests on to `target`; a share of them, drawn with a seed, meets one of `faults`.

    What was met stands in `met`, in order; `share` may be changed while it runs.
    """

    def __init__(self, target, seed=0, share=0.2, faults=None):
        parts = urlsplit(target)
        self.host, self.to_port = parts.hostname, parts.port
        self.chance, self.share = random.Random(seed), share
        self.faults = sorted(faults or WIRE_FAULTS)
        self.met, self.asked = [], 0
        self.lock, self.ends = threading.Lock(), threading.Event()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                with suppress(OSError):
                    proxy.exchange(self.request)

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def exchange(self, client):
        """Read one request, answer it or do what goes wrong, and close."""
        request = read_message(client)
        if not request:
            return
        with self.lock:
            self.asked += 1
            meets = self.chance.random() < self.share
            name = self.chance.choice(self.faults) if meets else None
            if name:
                self.met.append(name)
        if name is None:
            client.sendall(self.passed_on(request))
        else:
            WIRE_FAULTS[name](self, client, request)

    def passed_on(self, request):
        """Return the whole answer of the server behind."""
        head, _, body = request.partition(b"\r\n\r\n")
        lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
        sent = b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body
        with socket.create_connection((self.host, self.to_port)) as server:
            server.sendall(sent)
            return closing(b"".join(iter(lambda: server.recv(65536), b"")))

    def waits(self, client, seconds):
        """Wait so long, or until the client gives up; tell whether it is still there."""
        gone, _, _ = select.select([client], [], [], seconds)
        return not gone and not self.ends.is_set()

    def close(self):
        self.ends.set()
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def read_message(connection):
    """Return one request: its head and as much body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def closing(answer):
    """Return an answer that says that its connection ends with it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = [one for one in head.split(b"\r\n") if not one.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body


def written(status, body=b"", **headers):
    """Return an answer as it goes over the wire."""
    now = format_datetime(dt.datetime.now(dt.UTC), usegmt=True)
    named = {"Date": now, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in named.items())]
    lines += [f"Content-Length: {len(body)}", "Connection: close"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def says(*answer, **headers):
    """Return the fault of answering so without asking the server behind."""
    return lambda proxy, client, request: client.sendall(written(*answer, **headers))


def asks_to_wait_until(proxy, client, request):
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    client.sendall(written(429, b"{}", Retry_After=format_datetime(moment, usegmt=True)))


def hangs(proxy, client, request):
    while proxy.waits(client, 1.0):
        pass


def drips(proxy, client, request):
    for letter in proxy.passed_on(request):
        if not proxy.waits(client, _DRIP):
            return
        client.sendall(bytes([letter]))


def cuts(proxy, client, request):
    answer = proxy.passed_on(request)
    head, _, body = answer.partition(b"\r\n\r\n")
    client.sendall(head + b"\r\n\r\n" + body[: len(body) // 2])


def drops(proxy, client, request):
    client.shutdown(socket.SHUT_RDWR)


def resets(proxy, client, request):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def talks_nonsense(proxy, client, request):
    client.sendall(b"\x15\x03\x01\x00\x02\x02\x50 not HTTP at all\r\n\r\n")


WIRE_FAULTS = {
    "429 in seconds": says(429, b"{}", Retry_After="1", Content_Type="application/json"),
    "429 at a time": asks_to_wait_until,
    "500": says(500, b"{}", Content_Type="application/json"),
    "503 with a page": says(503, SORRY.encode(), Content_Type="text/html", Retry_After="1"),
    "hanging": hangs,
    "dripping": drips,
    "cut": cuts,
    "dropped": drops,
    "reset": resets,
    "nonsense": talks_nonsense,
    "empty": says(200, b"", Content_Type="application/json"),
    "a page with 200": says(200, SORRY.encode(), Content_Type="text/html"),
    "log in": says(200, LOGIN.encode(), Content_Type="text/html"),
    "bad JSON": says(200, b'{"half": [', Content_Type="application/json"),
    "expired": says(401, b'{"error": "token_expired"}', Content_Type="application/json"),
}
