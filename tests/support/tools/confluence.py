"""A Confluence Cloud site in memory: shapes as Atlassian documents them, not as it was seen.

From https://developer.atlassian.com/cloud/confluence/rest/v2/, the CQL search of v1, and
https://developer.atlassian.com/cloud/confluence/oauth-2-3lo-apps/.
"""

import base64
import datetime as dt
import json
import re
from urllib.parse import parse_qs

import httpx

from tests.support.tools.authority import CLIENT_ID, Authority
from tests.support.tools.world import CANARY, FakeTool, json_answer

USER = "foyer@company.test"
CLOUD = "1324a887-45db-1bf4-1e99-ef0ff456d421"
HOURS_WEST = 8  # the account's time zone, in which CQL reads its moments


class FakeConfluence(FakeTool):
    """Pages in one space, some of them in the trash or the archive."""

    kind = "confluence"
    address = "https://company.test"
    many = 600
    hides = True
    forgets_marks = False

    def __init__(self):
        super().__init__()
        self.pages = {}
        self.spaces = {"HR": 11, "IT": 12}
        self.authority = Authority()
        self.restricted = {}
        self.searched = []
        self.site = self.address

    def settings(self):
        return {
            "address": self.address,
            "user": USER,
            "token": CANARY,
            "accounts_client_id": CLIENT_ID,
            "accounts_client_secret": CANARY,
        }

    def say(self, text, *readers):
        """Write a page that these people may read."""
        number = self.add(text)
        self.restricted[number] = readers
        return number

    def add(self, title, space="HR"):
        number = str(1000 + len(self.pages))
        page = {"id": number, "title": title, "status": "current", "space": space}
        self.pages[number] = {**page, "made": self.now, "at": self.now}
        return number

    def change(self, external_id, title):
        self.pages[external_id] |= {"title": title, "at": self.now}

    def remove(self, external_id):
        self.pages[external_id]["status"] = "trashed"

    def hide(self, external_id):
        self.pages[external_id]["status"] = "archived"

    def answer(self, request):
        if request.url.host == "auth.atlassian.com":
            return self._granted(json.loads(request.content))
        if request.url.host == "api.atlassian.com":
            person = self.authority.whose(request)
            return self._as_person(person, request) if person else _unauthorised()
        return self._as_the_company(request)

    def _granted(self, form):
        given = self.authority.answer(form)
        if isinstance(given, str):
            said = "Unknown or invalid refresh token."
            return json_answer({"error": given, "error_description": said}, 403)
        return json_answer(given)

    def _as_person(self, person, request):
        if request.url.path == "/me":
            return json_answer({"account_id": "1", "name": person, "email": f"{person}@acme.test"})
        if request.url.path == "/oauth/token/accessible-resources":
            row = {"id": CLOUD, "url": self.site, "name": "company", "scopes": ["search"]}
            return json_answer([row])
        assert request.url.path == f"/ex/confluence/{CLOUD}/wiki/rest/api/search"
        self.searched.append(person)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        return self._search(asked, person)

    def _as_the_company(self, request):
        pair = base64.b64encode(f"{USER}:{CANARY}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return httpx.Response(401, json={"errors": [{"status": 401, "code": "UNAUTHORIZED"}]})
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        path = request.url.path
        if path == "/wiki/api/v2/spaces":
            wanted = asked["keys"].split(",")
            rows = [
                {"id": str(self.spaces[key]), "key": key} for key in wanted if key in self.spaces
            ]
            return json_answer({"results": rows, "_links": {}})
        if path == "/wiki/rest/api/search":
            if "siteSearch" in asked["cql"]:
                self.searched.append("the company")
            return self._search(asked)
        return self._list(asked)

    def _list(self, asked):
        if self.forgets_marks and "cursor" in asked:
            return httpx.Response(400, json={"errors": [{"status": 400, "code": "INVALID_CURSOR"}]})
        ids = asked.get("id", "").split(",")
        spaces = asked.get("space-id", "").split(",")
        rows = [
            page
            for page in self.pages.values()
            if page["status"] == asked["status"]
            and (ids == [""] or page["id"] in ids)
            and (spaces == [""] or str(self.spaces[page["space"]]) in spaces)
        ]
        shown, more = _part(rows, asked)
        answer = {"results": [_page(page) for page in shown], "_links": {}}
        headers = {}
        if more:
            following = f"/wiki/api/v2/pages?limit={asked['limit']}&cursor={more}"
            answer["_links"] = {"next": following, "base": f"{self.address}/wiki"}
            headers["Link"] = f'<{following}>; rel="next", <{self.address}/wiki>; rel="base"'
        return json_answer(answer, **headers)

    def _search(self, asked, person=None):
        rows = [page for page in self.pages.values() if page["status"] == "current"]
        if person:
            readers = self.restricted
            rows = [page for page in rows if person in readers.get(page["id"], (person,))]
        since = re.search(r'lastmodified >= "([^"]*)"', asked["cql"])
        words = re.search(r'siteSearch ~ "((?:[^"\\]|\\.)*)"', asked["cql"])
        keys = re.search(r"space in \(([^)]*)\)", asked["cql"])
        if since:
            local = dt.datetime.strptime(since.group(1), "%Y/%m/%d %H:%M").replace(tzinfo=dt.UTC)
            moment = local + dt.timedelta(hours=HOURS_WEST)
            rows = [page for page in rows if page["at"].replace(second=0) >= moment]
        if words:
            found = re.sub(r"\\(.)", r"\1", words.group(1)).casefold()
            rows = [page for page in rows if found in page["title"].casefold()]
        if keys:
            rows = [page for page in rows if f'"{page["space"]}"' in keys.group(1)]
        shown, more = _part(rows, asked)
        answer = {"results": [_found(page) for page in shown], "_links": {}}
        if more:
            answer["_links"]["next"] = f"/rest/api/search?cql=x&cursor={more}"
        return json_answer(answer)


def _unauthorised():
    return httpx.Response(401, json={"code": 401, "message": "Unauthorized"})


def _part(rows, asked):
    first, most = int(asked.get("cursor", 0)), int(asked["limit"])
    return rows[first : first + most], str(first + most) if first + most < len(rows) else ""


def _page(page):
    return {
        "id": page["id"],
        "status": page["status"],
        "title": page["title"],
        "spaceId": "11",
        "createdAt": _written(page["made"]),
        "version": {"createdAt": _written(page["at"]), "number": 1},
        "_links": {"webui": f"/spaces/{page['space']}/pages/{page['id']}/{page['id']}+Title"},
    }


def _found(page):
    return {
        "content": {
            "id": page["id"],
            "type": "page",
            "status": "current",
            "title": page["title"],
            "_links": {"webui": f"/spaces/{page['space']}/pages/{page['id']}/Title"},
        },
        "title": f"@@@hl@@@{page['title']}@@@endhl@@@",
        "excerpt": "What &amp; why: @@@hl@@@torque@@@endhl@@@ &hellip;",
    }


def _written(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
