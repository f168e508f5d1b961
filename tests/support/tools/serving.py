"""Serves a fake over loopback TCP, so that what reads it meets real sockets.

Addresses in what the fake answers become those of the server, and those in requests the fake's.
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Counting:
    """A fake whose answers are counted; `after` hears the number of each."""

    def __init__(self, tool, after):
        self.tool, self.after, self.number = tool, after, 0
        self.address = tool.address

    def handle(self, request):
        answer = self.tool.handle(request)
        self.number += 1
        self.after(self.number)
        return answer


class Served:
    """A fake behind a web server that keeps connections open; `url` is its address.

    `public` is what the fake is called in its answers, where something else stands before it.
    """

    def __init__(self, tool, public=None):
        self.tool, self.public = tool, public
        served, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def exchange(self):
                length = int(self.headers.get("Content-Length", 0))
                request = httpx.Request(
                    self.command,
                    served.tool.address + self.path,
                    headers=[(k, v) for k, v in self.headers.items() if k.lower() != "host"],
                    content=served.inwards(self.rfile.read(length)),
                )
                with lock:
                    answer = served.tool.handle(request)
                body = served.outwards(answer.read())
                self.send_response_only(answer.status_code)
                for name, value in answer.headers.items():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                        self.send_header(name, served.outwards(value.encode()).decode())
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        for method in ("GET", "POST", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.exchange)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def outwards(self, content):
        """Return bytes of an answer with the server's address in place of the fake's."""
        return content.replace(self.tool.address.encode(), (self.public or self.url).encode())

    def inwards(self, content):
        """Return bytes of a request with the fake's address in place of the server's."""
        return content.replace((self.public or self.url).encode(), self.tool.address.encode())

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
