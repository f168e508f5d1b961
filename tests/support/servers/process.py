"""Start other people's servers on this machine, wait for them, and leave none behind."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import httpx

BUILT = Path(__file__).parents[3] / "build" / "servers"


class NotInstalledError(Exception):
    """A server that the tests need is not on this machine."""

    def __init__(self, what):
        super().__init__(f"{what} is not installed. Run: make servers")


class DidNotStartError(Exception):
    """A server ended, or did not answer in time; its last lines stand in the message."""


def installed(path, what):
    """Return `path` as text, or say that `what` is not installed."""
    if not Path(path).exists():
        raise NotInstalledError(what)
    return str(path)


def free_port():
    """Return a port of this machine's own address at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(happened, what, seconds=60):
    """Ask `happened` until it is true; raise `DidNotStartError` when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise DidNotStartError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def answers(url):
    """Tell whether the web server at `url` answers, and not with an error of its own."""
    try:
        return httpx.get(url, timeout=30, trust_env=False, verify=False).status_code < 500
    except httpx.TransportError:
        return False


def run(command, **options):
    """Run `command` to its end and return what it printed; raise with its words if it fails."""
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )
    if done.returncode:
        raise DidNotStartError(f"{command[0]} failed: {done.stdout[-2000:]}")
    return done.stdout


class Process:
    """One running server with all processes that it starts; its output goes to a file."""

    def __init__(self, command, log, **options):
        self.log = Path(log)
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **options,
            )

    def wait_until(self, happened, what, seconds=60):
        """Wait as the function does, and no longer than the process lives."""
        try:
            wait_until(lambda: self.child.poll() is not None or happened(), what, seconds)
            if self.child.poll() is not None:
                raise DidNotStartError(f"{what} did not happen: the server ended")
        except DidNotStartError as error:
            self.stop()
            said = self.log.read_text(errors="replace")[-3000:]
            raise DidNotStartError(f"{error}. It said: {said}") from None

    def stop(self):
        """End the server and whatever it started, at once: nothing of it is kept."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait()


class Server:
    """What all servers share: a folder, an address, and a sure end."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes, self.visitors = [], []
        self.http = self.visitor()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def visitor(self, **options):
        """Return an HTTP client for this server, with cookies of its own."""
        visitor = httpx.Client(
            base_url=self.url, timeout=60, trust_env=False, verify=False, **options
        )
        self.visitors.append(visitor)
        return visitor

    def spawn(self, command, name="server", **options):
        """Start `command`, to be ended with this server."""
        process = Process(command, self.folder / f"{name}.log", **options)
        self.processes.append(process)
        return process

    def stop(self):
        """End every process, the last one first, and close every client."""
        for visitor in self.visitors:
            visitor.close()
        self.end_processes()

    def end_processes(self):
        """End every process, the last one first."""
        while self.processes:
            self.processes.pop().stop()
