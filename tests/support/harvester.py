"""A process that harvests when it is told to, each time in a child that a test may kill.

Reads JSON lines {"database", "connection", "minutes", "mode"}; answers each with the child's
number and, when that has ended, with how. `minutes` is how far its clock is ahead.
"""

import json
import os
import sys
from datetime import timedelta

from app import clock
from app.connectors.base import Mode
from app.db import Database
from app.harvest.running import Parts, run
from app.vault import Vault


def harvest(order):
    """Harvest once."""
    ahead = timedelta(minutes=order["minutes"])
    parts = Parts(Database(order["database"]), Vault("secret"), now=lambda: clock.now() + ahead)
    done = run(parts, order["connection"], Mode(order["mode"]))
    return 0 if done.state == "done" else 1


def main():
    """Work off the orders."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            os._exit(harvest(json.loads(line)))
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
