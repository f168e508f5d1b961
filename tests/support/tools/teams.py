"""Microsoft Teams in memory: shapes from the vendor's pages.

Of the Graph's groups and channels, its search of chatMessage
(https://learn.microsoft.com/en-us/graph/search-concept-chat-messages) and the v2.0 endpoint.
"""

import json
from urllib.parse import parse_qs, quote, unquote

from tests.support.tools.authority import CLIENT_ID, Authority, form_of
from tests.support.tools.world import CANARY, FakeTool, json_answer

TENANT = "2432b57b-0abd-43db-aa7b-16eadd115d34"
GRAPH = "https://graph.microsoft.com"
EACH = 50
TEAMS_A_PAGE = 10


class FakeTeams(FakeTool):
    """Teams of 50 channels each, 10 a page whatever is asked for; access tokens may run out."""

    kind = "teams"
    address = GRAPH
    many = 700
    hides = True
    link_hosts = ("teams.microsoft.com",)

    def __init__(self):
        super().__init__()
        self.channels = {}
        self.private_teams = set()
        self.issued = 0
        self.valid = set()
        self.authority = Authority()
        self.messages = []
        self.searched = []

    def say(self, text, *readers, chat=False):
        """Write a message that these people may read, in a channel or in a chat."""
        self.messages.append((text, readers, chat))

    def settings(self):
        return {
            "address": self.address,
            "tenant": TENANT,
            "client_id": "6731de76",
            "client_secret": CANARY,
            "accounts_client_id": CLIENT_ID,
            "accounts_client_secret": CANARY,
        }

    def add(self, title):
        number = next(self.numbers)
        external_id = f"team-{number // EACH}/19:{number:032x}@thread.tacv2"
        self.channels[external_id] = {"displayName": title, "membershipType": "standard"}
        return external_id

    def change(self, external_id, title):
        self.channels[external_id]["displayName"] = title

    def remove(self, external_id):
        del self.channels[external_id]

    def hide(self, external_id):
        self.channels[external_id]["membershipType"] = "private"

    def seen(self, title):
        return f"Team: {title}"

    def expire(self):
        """Let every access token run out."""
        self.valid.clear()

    def answer(self, request):
        if request.url.host == "login.microsoftonline.com":
            form = form_of(request)
            if form["grant_type"] == "client_credentials":
                return self._token(parse_qs(request.content.decode()))
            return self._granted(form)
        if person := self.authority.whose(request):
            return self._as_person(person, request)
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            return refusal("InvalidAuthenticationToken", 401)
        path = unquote(request.url.path)
        if path == "/v1.0/search/query":
            self.searched.append("the company")
            return refusal("Forbidden", 403)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if path == "/v1.0/groups":
            return self._teams(asked)
        if not path.startswith("/v1.0/teams/"):
            return refusal("BadRequest", 404)
        team, _, channel = path.removeprefix("/v1.0/teams/").partition("/channels")
        return self._channel(f"{team}{channel}") if channel else self._channels(team)

    def _token(self, form):
        if form["client_secret"] != [CANARY]:
            said = "AADSTS7000215: Invalid client secret provided."
            return json_answer({"error": "invalid_client", "error_description": said}, 401)
        self.issued += 1
        token = f"eyJ0eXAi{self.issued}"
        self.valid.add(token)
        return json_answer({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _granted(self, form):
        given = self.authority.answer(form)
        if isinstance(given, str):
            said = "AADSTS70000: The provided value is not valid."
            return json_answer({"error": given, "error_description": said}, 400)
        return json_answer(given)

    def _as_person(self, person, request):
        if request.url.path == "/v1.0/me":
            return json_answer({"displayName": person, "userPrincipalName": f"{person}@acme.test"})
        assert request.url.path == "/v1.0/search/query"
        self.searched.append(person)
        [asked] = json.loads(request.content)["requests"]
        assert asked["entityTypes"] == ["chatMessage"]
        words = asked["query"]["queryString"].casefold()
        hits = [
            self._message(number, text, chat)
            for number, (text, readers, chat) in enumerate(self.messages)
            if person in readers and words in text.casefold()
        ]
        container = {"total": len(hits), "moreResultsAvailable": False, "hits": hits}
        return json_answer({"value": [{"searchTerms": [words], "hitsContainers": [container]}]})

    def _message(self, number, text, chat):
        web = "https://teams.microsoft.com/l/message/19%3Apumps%40thread.tacv2"
        place = {} if chat else {"channelIdentity": {"channelId": "19:pumps@thread.tacv2"}}
        return {
            "hitId": f"hit-{number}",
            "rank": number + 1,
            "summary": f"<c0>{text}</c0><ddd/>",
            "resource": {
                "@odata.type": "#microsoft.graph.chatMessage",
                "id": f"16{number:011}",
                "webLink": f"{web}/16{number:011}",
                "from": {"emailAddress": {"name": "Grace", "address": "grace@acme.test"}},
                "chatId": "19:chat",
                **place,
            },
        }

    def _teams(self, asked):
        found = sorted({one.partition("/")[0] for one in self.channels})
        start, size = int(asked.get("$skiptoken", 0)), min(int(asked["$top"]), TEAMS_A_PAGE)
        rows = [
            {
                "id": team,
                "displayName": "Team",
                "visibility": "Private" if team in self.private_teams else "Public",
            }
            for team in found[start : start + size]
        ]
        more = {}
        if start + size < len(found):
            more["@odata.nextLink"] = f"{GRAPH}/v1.0/groups?$top={size}&$skiptoken={start + size}"
        return json_answer(
            {"@odata.context": f"{GRAPH}/v1.0/$metadata#groups", "value": rows, **more}
        )

    def _channels(self, team):
        rows = [
            self._shape(one, row)
            for one, row in self.channels.items()
            if one.startswith(f"{team}/")
        ]
        return json_answer({"value": rows})

    def _channel(self, external_id):
        row = self.channels.get(external_id)
        if row is None:
            return refusal("NotFound", 404)
        return json_answer(self._shape(external_id, row))

    def _shape(self, external_id, row):
        team, _, channel = external_id.partition("/")
        query = f"groupId={team}&tenantId={TENANT}"
        return {
            "id": channel,
            "description": "What it is about",
            "webUrl": f"https://teams.microsoft.com/l/channel/{quote(channel)}/x?{query}",
            **row,
        }


def refusal(code, status):
    return json_answer({"error": {"code": code, "message": "x", "innerError": {}}}, status)
