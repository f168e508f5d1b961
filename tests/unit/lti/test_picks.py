"""Content items of Deep Linking as picks: whatever a tool sends is read or refused in words."""

import json

from hypothesis import given
from hypothesis import strategies as st

from app.lti import picks

TARGET = "https://lab.example.com/lti/launch"
LINK = {"type": "ltiResourceLink", "title": "Pump start-up", "custom": {"level": "1"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "url", "title", "text", "custom", "lineItem", "resourceId"]),
            inner | st.sampled_from(["link", "ltiResourceLink", "https://x.example/"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


def one(**changes):
    """Return the pick that this content item becomes."""
    sent = picks.read([{**LINK, **changes}], target=TARGET)
    assert sent.refused == ()
    return sent.picks[0]


def test_it_opens_the_target_where_an_item_has_no_address():
    assert one().url == TARGET
    assert one(url="https://lab.example.com/2").url == "https://lab.example.com/2"


def test_it_knows_an_item_again_whatever_it_is_called():
    assert one().external_id == one(title="Starting a pump", text="New").external_id
    others = [one(custom={"level": "2"}), one(url=TARGET + "/2"), one(lineItem={"resourceId": "x"})]
    assert len({one().external_id, *(other.external_id for other in others)}) == 4


def test_it_reads_custom_parameters_as_texts():
    found = one(custom={"n": 1, "on": True, "none": None, "half": 0.5}).custom
    assert found == {"n": "1", "on": "true", "none": "", "half": "0.5"}


def test_it_takes_an_item_once_and_a_hundred_at_most():
    many = [{**LINK, "custom": {"n": str(n)}} for n in range(120)]
    sent = picks.read([LINK, LINK], target=TARGET)
    assert len(sent.picks) == 1
    sent = picks.read(many, target=TARGET)
    assert len(sent.picks) == 100
    assert sent.refused[0][0] == "20"


def test_it_takes_nothing_for_what_is_no_list():
    for items in (None, "x", {}, 7):
        assert picks.read(items, target=TARGET).picks == ()


@given(items=st.lists(JSON, max_size=5))
def test_it_reads_anything_and_keeps_it_as_it_was(items):
    sent = picks.read(items, target=TARGET, message=items)
    kept = json.loads(json.dumps(sent.as_json()))
    assert tuple(picks.picks_from(kept)) == sent.picks
    assert [str(why) for _, why in picks.refused_from(kept)] == [
        str(why) for _, why in sent.refused
    ]
    assert all(pick.url.startswith(("http://", "https://")) for pick in sent.picks)
