"""A process of its own that trains, step by step: there to be killed.

    python -m tests.support.training_process DATABASE_URL FOLDER

It says each step on a line and then waits for one. At the end it says `end` and the name of the
model that serves.
"""

import sys

from app.db import Database
from app.foryou.running import ending_softly, run
from recommender.store import ModelStore
from tests.support.factories import NOW


def tell(stage, share):
    """Say a step, and wait to be allowed the next."""
    print(stage, round(share, 2), flush=True)
    sys.stdin.readline()


def main(url, folder):
    database = Database(url)
    store = ModelStore(folder)
    with ending_softly():
        run(database, store, tell=tell, now=lambda: NOW)
    print("end", store.serving_name(), flush=True)
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
