"""How evidence and curators' words become groups, whatever the evidence comes in."""

from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import clusters

ITEMS = range(6)
PAIRS = st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1])
KEYS = st.dictionaries(
    st.sampled_from(["id:a", "id:b", "address:c", "title:d"]),
    st.lists(st.sampled_from(ITEMS), unique=True, max_size=6),
)


def groups_of(keys, words):
    standing = {n: clusters.Standing(n, n, live=True, position=1, published_on=None) for n in ITEMS}
    return clusters._joined(standing, clusters._edges(keys, standing), words)


@given(KEYS, st.dictionaries(PAIRS, st.just(clusters.DIFFERENT)), st.randoms())
def test_no_group_holds_two_items_that_a_curator_called_different(keys, words, chance):
    groups = groups_of(keys, words)
    assert all(not {one, other} <= group for group in groups.values() for one, other in words)
    shuffled = list(keys.items())
    chance.shuffle(shuffled)
    assert groups_of({key: chance.sample(ids, len(ids)) for key, ids in shuffled}, words) == groups


@given(KEYS)
def test_without_words_whoever_shares_a_key_is_together(keys):
    groups = groups_of(keys, {})
    assert all(len({groups[one] for one in ids}) <= 1 for ids in keys.values())


@given(PAIRS)
def test_a_curators_word_needs_no_evidence(pair):
    assert groups_of({}, {pair: clusters.SAME})[pair[0]] == set(pair)
