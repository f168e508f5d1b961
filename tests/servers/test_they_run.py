"""Each server answers through its own API as the connectors expect of it."""


def test_mediawiki_names_a_deleted_page_by_the_id_it_had(mediawiki):
    mediawiki.delete("Spare parts")
    events = mediawiki.api(action="query", list="logevents", letype="delete")["query"]["logevents"]
    mediawiki.reset()
    assert [(event["logpage"], event["pageid"]) for event in events] == [
        (mediawiki.ids["Spare parts"], 0)
    ]
