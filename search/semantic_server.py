"""Answers what is similar to a text, over a socket that only this user may open."""

import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingMixIn, UnixStreamServer
from threading import Thread

from search.semantic_wire import receive_text, send_similar

_PATIENCE_SECONDS = 2.0
Answer = Callable[[str], Mapping[int, float]]
log = logging.getLogger(__name__)


class _Server(ThreadingMixIn, UnixStreamServer):
    """A thread for each question."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, answer: Answer) -> None:
        self.answer = answer
        super().__init__(str(path), _Handler)

    def server_bind(self) -> None:
        before = os.umask(0o177)
        try:
            super().server_bind()
        finally:
            os.umask(before)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        log.error("a question could not be answered", exc_info=sys.exception())


class _Handler(BaseRequestHandler):
    """One question, one answer."""

    server: _Server

    def handle(self) -> None:
        self.request.settimeout(_PATIENCE_SECONDS)
        try:
            text = receive_text(self.request)
            send_similar(self.request, self.server.answer(text))
        except (OSError, ValueError) as error:
            log.info("a question was not answered: %s", error)


@contextmanager
def serving(path: Path, answer: Answer) -> Iterator[None]:
    """Answer questions at this socket for a while. Raises OSError when it cannot be made.

    Only one process may do so at a time: what a former one left at `path` is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with _Server(path, answer) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            path.unlink(missing_ok=True)
