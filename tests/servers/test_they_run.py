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
