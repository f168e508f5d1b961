"""A real learning record store (Ralph 5.1) that reads its statements from a file of the test's.

Over HTTP its file backend takes one batch of statements, and that only while there is no file; so
tests write the file, and Ralph answers from it. It pages by position in the file, and compares
`since` with the time of the statement, not with the time at which it was stored.
"""

import json
import os

from tests.support.servers.process import BUILT, Server, answers, installed

_HASH = "$2b$04$uXUS30ZK/f/2lPeYhNtZOOkVz1pfBvDsDgNLqok57BLlL8U03ZXs."  # of the password
_PEOPLE = {
    "ada": {"mbox": "mailto:ada@example.com"},
    "ben": {"mbox": "mailto:ben@example.com"},
    "chloe": {"account": {"homePage": "https://lms.example.com", "name": "chloe"}},
}
_VERBS = "http://adlnet.gov/expapi/verbs/"
_ACTIVITIES = "https://lms.example.com/course/"
_COMPLETED = {"result": {"completion": True, "score": {"scaled": 0.8}}}


def statement(number, person, verb, activity, timestamp, **more):
    """Return a statement whose id is made of `number`."""
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "actor": {"objectType": "Agent", **_PEOPLE[person]},
        "verb": {"id": f"{_VERBS}{verb}", "display": {"en": verb}},
        "object": {
            "objectType": "Activity",
            "id": f"{_ACTIVITIES}{activity}",
            "definition": {"name": {"en": f'R&D <Intro> "{activity}"'}},
        },
        "timestamp": timestamp,
        "stored": timestamp,
        "version": "1.0.3",
    } | more


def world():
    """Return the statements that the store holds at the start, the oldest first."""
    verbs = ("launched", "progressed", "completed", "passed", "failed")
    people = tuple(_PEOPLE)
    return [
        statement(
            number,
            people[number % 3],
            verbs[number % 5],
            f"{number % 7}",
            f"2026-11-{number // 2 + 1:02d}T{8 + number % 2:02d}:00:00.000Z",
            **(
                {"result": {"completion": True, "score": {"scaled": 0.8}}}
                if number % 5 == 2
                else {}
            ),
        )
        for number in range(24)
    ]


class Ralph(Server):
    """A learning record store with one account, for HTTP basic authentication."""

    user = "foyer"
    password = "correct-horse-battery"

    def start(self):
        """Write the statements and start Ralph."""
        uvicorn = installed(BUILT / "ralph" / "bin" / "uvicorn", "Ralph")
        self.file = self.folder / "statements" / "statements.jsonl"
        self.file.parent.mkdir()
        account = {
            "username": self.user,
            "hash": _HASH,
            "scopes": ["all"],
            "agent": {"mbox": "mailto:foyer@example.com"},
        }
        (self.folder / "auth.json").write_text(json.dumps([account]))
        self.reset()
        process = self.spawn(
            [uvicorn, "ralph.api:app", "--host", "127.0.0.1", "--port", str(self.port)],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "RALPH_AUTH_FILE": str(self.folder / "auth.json"),
                "RALPH_RUNSERVER_BACKEND": "fs",
                "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(self.file.parent),
                "RALPH_BACKENDS__LRS__FS__DEFAULT_LRS_FILE": self.file.name,
            },
        )
        process.wait_until(lambda: answers(f"{self.url}/__lbheartbeat__"), "an answer of Ralph")

    def write(self, statements):
        """Have the store hold exactly `statements`, in this order."""
        self.statements = list(statements)
        text = "".join(json.dumps(each) + "\n" for each in self.statements)
        self.file.write_text(text)

    def add(self, *statements):
        """Have the store hold `statements` too, after the others."""
        self.write([*self.statements, *statements])

    def receive(self, one):
        """Have the store take a statement over HTTP, as a course sends it; it then holds no other.

        The store begins a file, since its backend adds to none.
        """
        self.file.unlink()
        answer = self.http.post("/xAPI/statements", json=one, **self._known)
        answer.raise_for_status()
        self.statements = [one]

    def reset(self):
        """Bring back the statements as they were when it started."""
        self.write(world())

    def ask(self, path="/xAPI/statements", **parameters):
        """Return what the store answers to the account it knows."""
        return self.http.get(path, params=parameters or None, **self._known)

    @property
    def _known(self):
        """Return what a request of the account that the store knows carries."""
        version = {"X-Experience-API-Version": "1.0.3"}
        return {"auth": (self.user, self.password), "headers": version}
