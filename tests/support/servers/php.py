"""Run PHP programs that were unpacked into build/servers/php, with PHP's own web server."""

import os
import shutil

from tests.support.servers.process import BUILT, NotInstalledError, Server, answers, installed, run

UNPACKED = BUILT / "php"
SETTINGS = {
    "include_path": f".:{UNPACKED}/usr/share/php",
    "date.timezone": "UTC",
    "display_errors": "0",
    "error_log": "/dev/stderr",
    "sendmail_path": "/bin/true",
    "opcache.enable_cli": "1",
    "opcache.revalidate_freq": "0",
    "opcache.file_cache": f"{BUILT}/opcache",
    "memory_limit": "256M",
}


class PhpServer(Server):
    """A PHP program, served by one worker: each request sees all that earlier ones did."""

    def __init__(self, folder):
        super().__init__(folder)
        self.environment, self.settings = {}, dict(SETTINGS)

    def program(self, *path):
        """Return the path of a file or folder of the unpacked packages."""
        return installed(UNPACKED.joinpath(*path), type(self).__name__)

    def php(self, *arguments, **options):
        """Return what PHP prints for `arguments`."""
        return run([*self._php(), *arguments], env=self._environment(), **options)

    def serve(self, document_root, router=None, ready="/"):
        """Serve `document_root` at this server's address, and wait until it answers."""
        command = [*self._php(), "-S", f"127.0.0.1:{self.port}", "-t", str(document_root)]
        process = self.spawn(
            command + ([str(router)] if router else []), "php", env=self._environment()
        )
        process.wait_until(lambda: answers(self.url + ready), f"an answer of {self.url}{ready}")

    def _php(self):
        php = shutil.which("php")
        if php is None:
            raise NotInstalledError("PHP")
        (BUILT / "opcache").mkdir(parents=True, exist_ok=True)
        return [php, *(f"-d{name}={value}" for name, value in self.settings.items())]

    def _environment(self):
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder)} | self.environment
