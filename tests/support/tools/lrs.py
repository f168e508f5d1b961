"""An LRS in memory as ADL's answers (adlnet/ADL_LRS): `since` by `stored`, opaque `more`, 400s.

Shapes by xAPI 1.0.3, part three, section 2.1.3 and 2.3.
"""

import base64
import datetime as dt
import hashlib
import uuid
from urllib.parse import parse_qs

from tests.support.tools.world import CANARY, FakeTool, json_answer

VERBS = "http://adlnet.gov/expapi/verbs/"


class FakeLrs(FakeTool):
    """A store of statements; an item is an activity of another tool, named by its address."""

    kind = "lrs"
    address = "https://lrs.test/xapi"
    page = 2
    says_through = True

    def __init__(self):
        super().__init__()
        self.statements = []
        self.lists = {}
        self.items = 0

    def settings(self):
        return {"address": self.address, "user": "foyer", "password": CANARY}

    def add(self, title):
        self.items += 1
        return f"https://courses.test/course/{self.items}"

    def complete(self, external_id, account):
        actor = (
            {"mbox": f"mailto:{account.name}"}
            if account.kind == "email"
            else {"account": {"homePage": account.home or "https://hr.test", "name": account.name}}
        )
        return self.say(actor, "completed", external_id)

    def say(self, actor, verb, activity, *, at=None, **values):
        """Store a statement now; return its id."""
        statement = {
            "id": str(uuid.UUID(int=len(self.statements) + 1, version=4)),
            "actor": {"objectType": "Agent", **actor},
            "verb": {"id": verb if "://" in verb else VERBS + verb},
            "object": {"objectType": "Activity", "id": activity},
            "timestamp": written(at or self.now),
            "stored": written(self.now),
            "version": "1.0.0",
            **values,
        }
        self.statements.append(statement)
        return statement["id"]

    def void(self, statement_id):
        """Take a statement back, as its author does."""
        ref = {"objectType": "StatementRef", "id": statement_id}
        return self.say({"mbox": "mailto:lrs@example.org"}, "voided", "", object=ref)

    def answer(self, request):
        given = request.headers.get("Authorization")
        if given is None:
            return json_answer({"error": True, "message": "Authorization is required"}, 400)
        if given != self._basic():
            return json_answer({"error": True, "message": "Unauthorized"}, 401)
        if not request.headers.get("X-Experience-API-Version", "").startswith("1.0"):
            return json_answer({"error": True, "message": "X-Experience-API-Version"}, 400)
        path = request.url.path
        if path.startswith("/xapi/statements/more/"):
            return self._more(path.rpartition("/")[2])
        if path != "/xapi/statements":
            return json_answer({"error": True}, 404)
        return self._listed(
            {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        )

    def _basic(self):
        return "Basic " + base64.b64encode(f"foyer:{CANARY}".encode()).decode()

    def _listed(self, asked):
        since = dt.datetime.fromisoformat(asked.get("since", "1970-01-01T00:00:00+00:00"))
        voided = {
            one["object"]["id"] for one in self.statements if one["verb"]["id"] == f"{VERBS}voided"
        }
        found = [
            one
            for one in self.statements
            if one.get("id") not in voided and dt.datetime.fromisoformat(one["stored"]) > since
        ]
        if asked.get("ascending") != "true":
            found.reverse()
        key = hashlib.md5(repr(sorted(asked.items())).encode(), usedforsecurity=False).hexdigest()
        return self._paged(key, found)

    def _more(self, key):
        found = self.lists.get(key)
        if found is None:
            return json_answer({"error": True, "message": "List does not exist"}, 400)
        return self._paged(key[:32], found)

    def _paged(self, key, found):
        shown, rest = found[: self.page], found[self.page :]
        more = ""
        if rest:
            self.lists[f"{key}-{len(rest)}"] = rest
            more = f"/xapi/statements/more/{key}-{len(rest)}"
        headers = {"X-Experience-API-Version": "1.0.3"}
        if self.says_through:
            headers["X-Experience-API-Consistent-Through"] = written(self.now)
        return json_answer({"statements": shown, "more": more}, **headers)


def written(moment):
    return moment.isoformat(timespec="milliseconds")
