"""A process of its own that harvests one connection until it is done: there to be killed.

    python -m tests.support.harvest_process DATABASE_URL CONNECTION_ID MINUTES

It says `go` when it begins and ends with 0 when a sweep is done. Its clock is MINUTES ahead, so
that the lease of a process that was killed before it has run out.
"""

import datetime as dt
import sys
import time

from app import clock
from app.connectors.base import Mode
from app.connectors.http import Http
from app.db import Database
from app.harvest.reaching import Parts, own_host
from app.harvest.running import run
from app.outbound import client
from app.vault import Vault

IN_A_HURRY = 100  # waits are so many times shorter


def make_http(_connection, spec, settings, secrets, meter, keep):
    """Return the host's client with a short timeout and little patience."""
    return Http(
        settings.address,
        client([own_host(settings.address)], timeout=dt.timedelta(seconds=0.4)),
        hosts=spec.hosts,
        secrets=secrets,
        meter=meter,
        keep=keep,
        sleep=lambda seconds: time.sleep(seconds / IN_A_HURRY),
    )


def main(url, connection_id, minutes):
    ahead = dt.timedelta(minutes=int(minutes))
    database = Database(url)
    parts = Parts(database, Vault("secret"), now=lambda: clock.now() + ahead, make_http=make_http)
    print("go", flush=True)
    while run(parts, int(connection_id), Mode.SWEEP).state != "done":
        pass
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
