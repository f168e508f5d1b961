"""Running Foyer: the web server and the worker, together or apart."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from app.cli.portal import Portal, pass_portal
from app.config import Config
from app.factory import create_app

_ROOT = Path(__file__).parent.parent.parent


@click.command()
@click.option("--bind", help="Host and port to listen on instead of FOYER_BIND.")
@click.option("--no-worker", is_flag=True, help="Do not start the worker; run it yourself.")
@pass_portal
def serve(portal: Portal, bind: str | None, no_worker: bool) -> None:
    """Serve the pages, and run the worker beside them.

    \b
      foyer serve
      foyer serve --bind 0.0.0.0:8000
      foyer serve --no-worker     and elsewhere: foyer worker
    """
    _ = portal.database
    portal.close()
    worker = None if no_worker else _start_worker()
    Server(portal.config, bind or portal.config.bind, worker).run()


@click.command()
@click.option("--while-stdin-is-open", is_flag=True, hidden=True)
@pass_portal
def worker(portal: Portal, while_stdin_is_open: bool) -> None:
    """Work off the jobs: keep the search index in step, train the recommender every night."""
    _ = portal.database
    if while_stdin_is_open:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    portal.jobs.worker().run()


class Server(BaseApplication):
    """Gunicorn with our settings; it ends the worker that was started beside it."""

    def __init__(self, config: Config, bind: str, worker: "subprocess.Popen[bytes] | None") -> None:
        """Take the settings and, where there is one, the worker's process."""
        self._config = config
        self._bind = bind
        self._worker = worker
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run."""
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Make the application, in each web process anew."""
        return create_app(replace(self._config, bind=self._bind))

    def _options(self) -> Mapping[str, Any]:
        return {
            "bind": self._bind,
            "workers": self._config.web_workers,
            "worker_class": "gthread",
            "threads": self._config.web_threads,
            "limit_request_line": 8190,
            "proc_name": "foyer",
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": self._say_address,
            "on_exit": self._end_worker,
        }

    def _say_address(self, _arbiter: Any) -> None:
        click.echo(f"Foyer is ready at {self._config.base_url} (listening on {self._bind})")
        click.echo("Ctrl-C ends it.")

    def _end_worker(self, _arbiter: Any) -> None:
        if self._worker and self._worker.poll() is None:
            self._worker.send_signal(signal.SIGINT)
            self._worker.wait()


def _start_worker() -> "subprocess.Popen[bytes]":
    """Start the worker as a child that ends when this process and its web processes are gone."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "worker", "--while-stdin-is-open"],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )


def _end_with_parent() -> None:
    """Wait until nobody holds the other end of standard input, then end as by Ctrl-C."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
