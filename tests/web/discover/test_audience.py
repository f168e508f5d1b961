"""No reader learns of what is not meant for them: no title, no skill, no link, no count.

Each page is asked for twice, in the whole world and in one that has nothing hidden from its reader:
both have to be the same, letter by letter.
"""

import json
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.discover.live_page import HARVEST
from app.library import searches
from app.models import Connection, SavedSearch
from tests.support.factories import NOW
from tests.support.live_tools import LiveTools
from tests.support.secrets import KINDS, PEOPLE, Builder, secrets, words
from tests.support.tools.wordpress import FakeWordPress

WHO = st.integers(0, len(PEOPLE) - 1)


@pytest.fixture(scope="module")
def builder(empty_sqlite, tmp_path_factory):
    """Return what builds worlds; all of them are at the tests' own moment."""
    folder = tmp_path_factory.mktemp("worlds")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.clock.now", lambda: NOW)
        found = Builder(empty_sqlite, folder)
        yield found
        found.close()


@pytest.fixture(scope="module")
def readers(builder):
    """Return a reader for every token, three of whom may pin, each with two worlds."""
    return builder.readers(secrets(Random(7)))


class Questions:
    """Invents what somebody types who is after secrets."""

    def __init__(self, random):
        self.random = random
        self.known = [one.word for one in secrets(Random(7))]
        self.strange = words(Random(8), 5)

    def word(self):
        """Return a word, whole or unfinished, mistyped, split, or one that nobody wrote."""
        draw, word = self.random, self.random.choice(self.known)
        at = draw.randrange(2, 7)
        return draw.choice(
            (
                word,
                word.upper(),
                word[:at],
                word[:at] + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                f"{word[:at]} {word[at:]}",
                f"{word[:at]}-{word[at:]}",
                f"{word}{draw.choice(self.known)}",
                "common",
                "comon",
                "skill",
                f"skill-{word}",
                draw.choice(self.strange),
                "",
            )
        )

    def text(self):
        """Return some words, and what experts write."""
        draw, one, other = self.random, self.word(), self.word()
        return draw.choice(
            (
                one,
                one,
                f"common {one}",
                f"{one} {other}",
                f"common -{one}",
                f'"common {one}"',
                f"{one} OR {other}",
                f"skill:skill-{draw.choice(self.known)}",
                f"common -skill:skill-{draw.choice(self.known)}",
                f"common tool:tool{draw.randrange(8)}",
                f"{one} kind:{draw.choice(KINDS)}",
                f"{one} under:30m",
                f"common over:{draw.choice((10, 30))}m -under:20m",
            )
        )

    def asked(self):
        """Return the arguments of a search page."""
        draw = self.random
        some = {
            "kind": draw.sample(KINDS, draw.randrange(3)),
            "skill": [f"skill-{draw.choice(self.known)}"],
            "tool": [f"tool{draw.randrange(8)}"],
            "time": ["under-10"],
            "role": ["engineer"],
            "sort": draw.choice(("title", "newest", "shortest", "finished")),
            "page": draw.choice(("2", "3")),
            "exact": "1",
            "plain": "1",
        }
        chosen = draw.sample(sorted(some), draw.choice((0, 1, 1, 2)))
        return {"q": self.text(), **{name: some[name] for name in chosen}}


def search(reader, asked, *, part=False):
    """Return the search page, or the part of it that htmx asks for, in both worlds."""
    asked = asked | ({"pin_to": reader.section} if reader.somebody.pins else {})
    headers = {"HX-Request": "true", "HX-Target": "results"} if part else {}
    return reader.both("get", "/discover", query_string=asked, headers=headers)


def suggestions(reader, text, *, compared=True):
    """Return what the search box lists, in both worlds or twice in the whole one."""
    asked = {
        "query_string": {"q": text},
        "headers": {"HX-Request": "true", "HX-Target": "suggestions"},
    }
    if not compared:
        return (reader.said("get", "/suggest", **asked),) * 2
    return reader.both("get", "/suggest", **asked)


def is_told_nothing(reader, answers, asked):
    """Check that both worlds say the same, and nothing of what is hidden."""
    whole, trimmed = answers
    assert reader.learns(whole, asked.casefold()) == []
    assert whole == trimmed


@given(who=WHO, seed=st.integers(0, 1_000_000))
def test_a_search_page_is_the_same_without_what_is_hidden(readers, who, seed):
    asked = Questions(Random(seed)).asked()
    is_told_nothing(readers[who], search(readers[who], asked), str(asked))


@given(who=WHO, seed=st.integers(0, 1_000_000))
def test_so_are_suggestions(readers, who, seed):
    text = Questions(Random(seed)).text()
    is_told_nothing(readers[who], suggestions(readers[who], text), text)


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_a_hidden_word_corrects_nothing(readers, who):
    reader = readers[who]
    for secret in reader.hidden[:3]:
        mistyped = secret.word[:3] + secret.word[4:]
        is_told_nothing(reader, search(reader, {"q": mistyped}), mistyped)
        for text in (mistyped, f"{mistyped[:6]}", f"{mistyped} "):
            is_told_nothing(reader, suggestions(reader, text), text)


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_a_role_page_is_suggested_to_whom_it_is_meant_for(readers, who):
    reader = readers[who]
    listed = "/roles/engineer" in reader.said("get", "/suggest?q=engineer")
    assert listed == ("role:engineer" in reader.somebody.tokens)


@pytest.mark.slow
def test_ten_thousand_probes_find_no_leak(readers):
    """All are looked through for secrets; 1,500 of them, all pages among them, are compared too."""
    draw = Random(2026)
    invent = Questions(draw)
    for number in range(10_000):
        reader = draw.choice(readers)
        if number % 20 == 0:
            asked = invent.asked()
            is_told_nothing(reader, search(reader, asked, part=number % 40 == 0), str(asked))
        else:
            text = invent.text()
            is_told_nothing(reader, suggestions(reader, text, compared=number % 10 == 1), text)


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_so_are_items_and_people(readers, who):
    reader = readers[who]
    hidden = {one.id for one in reader.hidden if not one.audience & reader.somebody.tokens}
    for item in reader.items:
        answer = reader.whole.http.get(f"/items/{item.id}")
        if item.audience & reader.somebody.tokens:
            is_told_nothing(reader, reader.both("get", f"/items/{item.id}"), item.word)
        else:
            assert (answer.status_code, item.id in hidden or reader.somebody.pins) == (404, True)
    for person in (len(PEOPLE) + 1, len(PEOPLE) + 2):
        is_told_nothing(reader, reader.both("get", f"/people/{person}"), "")
    for address in ("/", "/suggest", "/suggest?q=common", "/roles", "/library"):
        is_told_nothing(reader, reader.both("get", address), "")


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_so_are_kept_searches_and_their_digest(readers, who):
    reader, draw = readers[who], Questions(Random(who))
    texts = ["common", *(draw.word() or "comon" for _ in range(6))]
    for at, text in enumerate(texts):
        reader.both("post", "/library/searches", data={"asked": f"q={text}", "name": f"Mine {at}"})
    begin_anew(reader)
    reader.both("post", "/library/searches/refresh")
    is_told_nothing(reader, reader.both("get", "/library/searches"), " ".join(texts))
    begin_anew(reader)
    for app in reader.worlds:
        with app.extensions["foyer"].database.transaction() as session:
            searches.digest(session, app.extensions["foyer-index"])
    for address in ("/library/searches", "/"):
        answers = reader.both("get", address)
        is_told_nothing(reader, answers, " ".join(texts))
        assert "Mine" in answers[0]


def begin_anew(reader):
    """Let everything that is there be new in kept searches, and none of it found yet."""
    values = {"looked_at": NOW - timedelta(days=1), "fresh": [], "fresh_total": 0}
    for app in reader.worlds:
        with app.extensions["foyer"].database.transaction() as session:
            session.query(SavedSearch).update(values)


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_so_are_recent_searches(readers, who):
    reader, draw = readers[who], Questions(Random(who))
    texts = [draw.text() for _ in range(8)]
    for text in texts:
        reader.both("post", "/searches/recent", data={"q": text})
    for address in ("/searches/recent", "/suggest"):
        is_told_nothing(reader, reader.both("get", address), " ".join(texts))


@pytest.mark.parametrize("who", [at for at, one in enumerate(PEOPLE) if one.access != "employee"])
def test_so_is_the_trial_of_synonyms(readers, who):
    reader = readers[who]
    for secret in reader.items[::3]:
        form = {"words": f"abacus\n{secret.word}", "query": "abacus", "what": "try"}
        answers = reader.both("post", "/curate/synonyms/add", data=form)
        is_told_nothing(reader, answers, secret.word)


def test_the_quality_page_names_no_hidden_item(builder, readers, tmp_path):
    reader = next(one for one in readers if one.somebody.access == "admin")
    judged = tmp_path / "judged.jsonl"
    lines = (
        {"query": f"common {one.id}", "items": {f"{one.tool}/{one.id}": 3}, "note": "It is it."}
        for one in reader.items
    )
    judged.write_text("\n".join(json.dumps(one) for one in lines))
    _, _, clients = builder.world(reader.items, FOYER_JUDGED_QUERIES=str(judged))
    text = clients[PEOPLE.index(reader.somebody)].http.get("/admin/search?all=1").text
    assert any(f"/items/{one.id}" in text for one in reader.items)
    assert reader.learns(text) == []


@pytest.mark.parametrize("who", range(len(PEOPLE)))
def test_a_tool_that_is_asked_cannot_tell_more(readers, who):
    reader = readers[who]
    tools = posting(reader)
    reader.whole.app.extensions[HARVEST] = tools.parts
    headers = {"HX-Request": "true", "HX-Target": "live"}
    for text in ("common", reader.hidden[0].word, f"common {reader.hidden[1].word}"):
        for address, more in (
            ("/discover/live", headers),
            ("/discover/live", {}),
            ("/discover", {}),
        ):
            said = reader.whole.http.get(address, query_string={"q": text}, headers=more)
            assert reader.learns(said.text, text) == []
    assert tools.asked


def posting(reader):
    """Return tools that find all items by their own numbers, as if nobody were to be kept out."""
    resources = reader.whole.app.extensions["foyer"]
    tools = LiveTools(resources.database, resources.vault)
    for number in range(7):
        fake, posts = FakeWordPress(), {}
        for item in reader.items[number::7]:
            made = fake.posts.pop(int(fake.add(f"Common {item.word}")))
            posts[item.id] = made | {"id": item.id}
        fake.posts = posts
        slug = reader.items[number].tool
        with resources.database.transaction() as session:
            known = session.query(Connection).join(Connection.tool).filter_by(slug=slug).count()
        if known:
            tools.handlers[f"{slug}.test"] = fake.handle
        else:
            tools.connect(slug, fake)
    return tools
