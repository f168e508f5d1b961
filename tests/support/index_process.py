"""A process of its own that keeps an index in step with a database for ever: there to be killed.

    python -m tests.support.index_process DATABASE_URL FOLDER ENGINE

It says `go` when it begins. Every few rounds it builds the index anew.
"""

import sys
from pathlib import Path

from app.db import Database
from app.discover.indexing import SearchIndex

ROUNDS = 7


def main(url, folder, engine):
    database, index = Database(url), SearchIndex(Path(folder), engine)
    print("go", flush=True)
    rounds = 0
    while True:
        rounds += 1
        with database.transaction() as session:
            if rounds % ROUNDS == 0:
                index.rebuild(session, lambda _count: None)
            else:
                index.follow(session)


if __name__ == "__main__":
    main(*sys.argv[1:])
