"""Each server answers through its own API as the connectors expect of it."""

import csv


def test_kolibri_lists_its_library_page_by_page_and_exports_what_was_completed(kolibri):
    more, titles = {"max_results": "6"}, []
    while more:
        page = kolibri.http.get("/api/public/v2/contentnode/", params=more).json()
        titles += [node["title"] for node in page["results"]]
        more = page["more"]
    rows = list(csv.DictReader(kolibri.export().splitlines()))
    assert set(titles) == {*kolibri.ids, *kolibri.channels}
    assert [
        (row["Username"], row["Content title"]) for row in rows if row["Time of completion"]
    ] == [
        ("ada", "Lockout and tagout"),
        ("ben", "First aid test"),
        ("chloe", 'R&D <Intro> "Q"'),
    ]


def test_mediawiki_names_a_deleted_page_by_the_id_it_had(mediawiki):
    mediawiki.delete("Spare parts")
    events = mediawiki.api(action="query", list="logevents", letype="delete")["query"]["logevents"]
    mediawiki.reset()
    assert [(event["logpage"], event["pageid"]) for event in events] == [
        (mediawiki.ids["Spare parts"], 0)
    ]


def test_wordpress_shows_its_trash_to_an_application_password_and_to_nobody_else(wordpress):
    wordpress.trash("Reading a gauge")
    known = wordpress.rest("GET", "posts?status=trash").json()
    unknown = wordpress.http.get("/wp-json/wp/v2/posts?status=trash")
    wordpress.reset()
    assert [post["title"]["rendered"] for post in known] == ["Reading a gauge"]
    assert unknown.status_code == 400


def test_wordpress_answers_an_unchanged_feed_with_nothing(wordpress):
    feed = wordpress.http.get("/feed/")
    again = wordpress.http.get("/feed/", headers={"If-None-Match": feed.headers["ETag"]})
    assert (feed.status_code, again.status_code) == (200, 304)


def test_synapse_lists_public_rooms_and_says_how_long_to_wait(synapse):
    rooms = synapse.ask("GET", "/_matrix/client/v3/publicRooms", by=synapse.user)["chunk"]
    attempt = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "ada"}}
    for _ in range(20):
        refused = synapse.http.post("/_matrix/client/v3/login", json=attempt | {"password": "?"})
        if refused.status_code == 429:
            break
    assert 'R&D <Intro> "Q"' in {room["name"] for room in rooms}
    assert "Board" not in {room["name"] for room in rooms}
    assert refused.json()["errcode"] == "M_LIMIT_EXCEEDED"
    assert refused.json()["retry_after_ms"] > 0
    assert int(refused.headers["Retry-After"]) > 0


def test_synapse_gives_a_token_that_can_be_renewed(synapse):
    given = synapse.log_in()
    renewed = synapse.http.post(
        "/_matrix/client/v3/refresh", json={"refresh_token": given["refresh_token"]}
    ).json()
    assert renewed["access_token"] != given["access_token"]


def test_ralph_gives_its_statements_page_by_page_to_the_account_it_knows(ralph):
    first = ralph.ask(limit=20).json()
    rest = ralph.ask(first["more"]).json()
    given = [statement["id"] for statement in first["statements"] + rest["statements"]]
    assert given == [statement["id"] for statement in ralph.statements]
    assert ralph.http.get("/xAPI/statements").status_code == 401


def test_dokuwiki_tells_each_account_its_own_pages_and_what_was_deleted(dokuwiki):
    dokuwiki.delete("tools:lathe")
    changes = dokuwiki.ask("wiki.getRecentChanges", 1_700_000_000)
    pages = {
        name: {page["id"] for page in dokuwiki.ask("dokuwiki.getPagelist", "", {}, by=name)}
        for name in ("foyer", "henrietta")
    }
    soft = dokuwiki.http.get("/doku.php?id=tools:lathe").status_code
    dokuwiki.reset()
    assert [change["name"] for change in changes if change["size"] is False] == ["tools:lathe"]
    assert pages["henrietta"] - pages["foyer"] == {"hr:salaries", "hr:reviews"}
    assert soft == 200
