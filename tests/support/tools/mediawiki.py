"""A MediaWiki in memory: shapes as MediaWiki 1.39 answers them (`api.php`, formatversion 2)."""

import datetime as dt
import re
from html import escape
from urllib.parse import parse_qs

from tests.support.tools.world import CANARY, FakeTool, json_answer


class FakeMediaWiki(FakeTool):
    """Pages, their redirects, what was changed and what was logged; read by a bot only."""

    kind = "mediawiki"
    address = "https://wiki.test/w"
    many = 1100

    def __init__(self):
        super().__init__()
        self.pages = {}
        self.changes = []
        self.logs = []
        self.sessions = set()
        self.lag = 0

    def settings(self):
        return {"address": self.address, "user": "Ada@foyer", "password": CANARY}

    def seen(self, title):
        return re.sub(r"[<>\[\]{}|#]", "", title)

    def add(self, title, **more):
        number = len(self.pages) + 1
        self.pages[number] = {"pageid": number, "ns": 0, "title": self.seen(title), **more}
        self._changed(number)
        return str(number)

    def change(self, external_id, title):
        self._log("move", int(external_id))
        self.pages[int(external_id)]["title"] = self.seen(title)

    def remove(self, external_id):
        self._log("delete", int(external_id))
        self.pages[int(external_id)]["missing"] = True

    def log_out(self):
        """Forget who signed in."""
        self.sessions.clear()

    def answer(self, request):
        asked = parse_qs(request.url.query.decode() + "&" + request.content.decode())
        asked = {name: values[0] for name, values in asked.items()}
        if self.lag:
            self.lag -= 1
            return _error("maxlag", **{"Retry-After": "5"})
        if asked.get("type") == "login":
            cookie = "wiki_session=new; path=/; HttpOnly"
            tokens = {"tokens": {"logintoken": "token+\\"}}
            return json_answer({"batchcomplete": True, "query": tokens}, **{"Set-Cookie": cookie})
        if asked["action"] == "login":
            return self._login(asked, request.headers.get("Cookie", ""))
        return self._query(asked, request.headers.get("Cookie", ""))

    def _login(self, asked, cookie):
        good = (asked["lgname"], asked["lgpassword"], asked["lgtoken"], cookie)
        if good != ("Ada@foyer", CANARY, "token+\\", "wiki_session=new"):
            reason = "Incorrect username or password entered."
            return json_answer({"login": {"result": "Failed", "reason": reason}})
        session = f"s{len(self.sessions) + 1}"
        self.sessions.add(session)
        expires = "expires=Sat, 19-Dec-2026 09:00:00 GMT; path=/; HttpOnly"
        cookie = f"wiki_BPsession={session}; {expires}"
        done = {"login": {"result": "Success", "lguserid": 1, "lgusername": "Ada"}}
        return json_answer(done, **{"Set-Cookie": cookie})

    def _query(self, asked, cookie):
        signed_in = any(f"wiki_BPsession={one}" in cookie for one in self.sessions)
        if not signed_in:
            return _error("assertuserfailed" if "assert" in asked else "readapidenied")
        answer = {"batchcomplete": True, "curtimestamp": _written(self.now), "query": {}}
        if "pageids" in asked:
            answer["query"]["pages"] = [
                self._page(int(number)) for number in asked["pageids"].split("|")
            ]
        if asked.get("generator") == "allpages":
            self._all_pages(answer, asked)
        if asked.get("generator") == "search":
            self._search(answer, asked)
        if asked.get("list") == "recentchanges":
            self._happened(answer, asked, "recentchanges", "rc", self.changes)
        if asked.get("list") == "logevents":
            logs = [one for one in self.logs if one["type"] == asked.get("letype", one["type"])]
            self._happened(answer, asked, "logevents", "le", logs)
        if not answer["query"]:
            del answer["query"]
        return json_answer(answer)

    def _page(self, number):
        page = self.pages.get(number)
        if page is None or page.get("missing"):
            return {"pageid": number, "missing": True}
        return {**page, "contentmodel": "wikitext", "pagelanguage": "en", "length": 60}

    def _live(self):
        return [page for page in self.pages.values() if not page.get("missing")]

    def _all_pages(self, answer, asked):
        live = sorted(
            (page for page in self._live() if str(page["ns"]) == asked["gapnamespace"]),
            key=lambda page: page["title"],
        )
        rows = [page for page in live if page["title"] >= asked.get("gapcontinue", "")]
        rows = [page for page in rows if not page.get("redirect")]
        most = int(asked["gaplimit"])
        if len(rows) > most:
            answer["continue"] = {"gapcontinue": rows[most]["title"], "continue": "gapcontinue||"}
        if rows:
            shown = sorted(rows[:most], key=lambda page: page["pageid"])
            answer["query"]["pages"] = [self._page(page["pageid"]) for page in shown]

    def _search(self, answer, asked):
        words = asked["srsearch"].casefold()
        found = [page for page in self._live() if words in page["title"].casefold()]
        found = found[: int(asked["srlimit"])]
        answer["query"]["search"] = [
            {key: page[key] for key in ("ns", "title", "pageid")}
            | {"snippet": f"<span class='searchmatch'>{escape(page['title'])}</span> it&#039;s"}
            for page in found
        ]
        if found:
            answer["query"]["pages"] = [self._page(page["pageid"]) for page in found]

    def _happened(self, answer, asked, name, prefix, events):
        start = asked.get(f"{prefix}start", "1970-01-01T00:00:00Z")
        end = asked.get(f"{prefix}end", "9999")
        rows = [one for one in events if start <= one["timestamp"] <= end]
        first, most = int(asked.get(f"{prefix}continue", 0)), int(asked[f"{prefix}limit"])
        if first + most < len(rows):
            answer["continue"] = {f"{prefix}continue": str(first + most), "continue": "-||"}
        answer["query"][name] = rows[first : first + most]

    def _changed(self, number):
        event = {"type": "edit", "pageid": number, "timestamp": _written(self.now)}
        self.changes.append(event)

    def _log(self, kind, number):
        event = {"logid": len(self.logs) + 1, "type": kind, "timestamp": _written(self.now)}
        self.logs.append({**event, "pageid": 0, "logpage": number})
        self.changes.append({"type": "log", "pageid": 0, "timestamp": _written(self.now)})


def _error(code, **headers):
    error = {"error": {"code": code, "info": "Something is wrong."}}
    return json_answer(error, **{"MediaWiki-API-Error": code, **headers})


def _written(moment):
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
