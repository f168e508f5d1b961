"""LinkedIn Learning in memory: shapes from the vendor's reference of learningAssets."""

from urllib.parse import parse_qs, quote, unquote

from tests.support.tools.world import CANARY, FakeTool, json_answer

LOCALE = {"country": "US", "language": "en"}


class FakeLinkedIn(FakeTool):
    """Courses in one language; `q=criteria` knows active ones and ends at `ends_at`."""

    kind = "linkedin"
    address = "https://api.linkedin.com"
    many = 230
    link_hosts = ("www.linkedin.com",)
    ends_at = 500

    def __init__(self):
        super().__init__()
        self.assets = {}
        self.issued = 0
        self.valid = set()

    def settings(self):
        return {"address": self.address, "client_id": "78abc", "client_secret": CANARY}

    def add(self, title):
        urn = f"urn:li:lyndaCourse:{len(self.assets) + 100}"
        self.assets[urn] = {"title": title, "availability": "AVAILABLE", "modified": self.stamp}
        return urn

    @property
    def stamp(self):
        return int(self.now.timestamp() * 1000)

    def change(self, external_id, title):
        self.assets[external_id] |= {"title": title, "modified": self.stamp}

    def remove(self, external_id):
        self.assets[external_id] |= {"availability": "RETIRED", "modified": self.stamp}

    def expire(self):
        """Let every access token run out."""
        self.valid.clear()

    def answer(self, request):
        if request.url.host == "www.linkedin.com":
            return self._token(parse_qs(request.content.decode()))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.valid:
            said = "The token used in the request has expired"
            return json_answer({"serviceErrorCode": 65602, "message": said, "status": 401}, 401)
        path = unquote(request.url.path)
        asked = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        if path == "/v2/learningAssets":
            return self._listed(asked)
        urn = path.removeprefix("/v2/learningAssets/")
        if urn not in self.assets:
            return json_answer({"message": "Not found", "status": 404}, 404)
        return json_answer(self._shape(urn))

    def _token(self, form):
        if form["client_secret"] != [CANARY]:
            said = "Client authentication failed"
            return json_answer({"error": "invalid_client", "error_description": said}, 401)
        self.issued += 1
        token = f"AQU{self.issued}"
        self.valid.add(token)
        return json_answer({"access_token": token, "expires_in": 1800})

    def _listed(self, asked):
        found = list(self.assets)
        if asked["q"] == "criteria":
            words = asked.get("assetFilteringCriteria.keyword", "").casefold()
            after = int(asked.get("assetFilteringCriteria.lastModifiedAfter", 0))
            found = [
                urn
                for urn, row in self.assets.items()
                if row["availability"] == "AVAILABLE"
                and row["modified"] > after
                and words in row["title"].casefold()
            ][: self.ends_at]
        start, count = int(asked["start"]), int(asked["count"])
        links = []
        if start + count < len(found):
            href = f"/v2/learningAssets?q={quote(asked['q'])}&start={start + count}&count={count}"
            links.append({"rel": "next", "href": href, "type": "application/json"})
        paging = {"start": start, "count": count, "total": len(found), "links": links}
        rows = [self._shape(urn) for urn in found[start : start + count]]
        return json_answer({"elements": rows, "paging": paging})

    def _shape(self, urn):
        row = self.assets[urn]
        number = urn.rpartition(":")[2]
        skill = {"urn": "urn:li:skill:1", "type": "SKILL", "name": words("Welding")}
        return {
            "urn": urn,
            "type": "COURSE",
            "title": words(row["title"]),
            "details": {
                "availability": row["availability"],
                "publishedAt": 1_700_000_000_000,
                "lastUpdatedAt": row["modified"],
                "level": "BEGINNER",
                "shortDescription": words("What it is about"),
                "timeToComplete": {"duration": 5025, "unit": "SECOND"},
                "classifications": [{"associatedClassification": skill, "path": []}],
                "contributors": [{"name": words("Ada Lovelace"), "contributionType": "AUTHOR"}],
                "urls": {
                    "webLaunch": f"https://www.linkedin.com/learning/course-{number}",
                    "ssoLaunch": f"https://www.linkedin.com/checkpoint/enterprise/login/1?c={number}",
                    "aiccLaunch": f"https://www.linkedin.com/learning/aicc/{number}",
                },
            },
            "contents": [],
        }


def words(text):
    return {"locale": LOCALE, "value": text}
