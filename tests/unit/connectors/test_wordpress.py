"""What is particular to WordPress, shown against shapes as 6.1 answers them."""

import pytest

from app.connectors.base import Delete, Mode, Presence, Upsert
from tests.support.tools.wordpress import FakeWordPress


@pytest.fixture
def blog():
    return FakeWordPress()


def ids(events):
    return [event.external_id for event in events if isinstance(event, Upsert)]


def test_many_posts_trashed_while_paging_hide_none_of_the_others(blog):
    added = [blog.add(f"Post {number}") for number in range(460)]

    def busy(request):
        answer = blog.handle(request)
        if len(blog.requests) == 3:
            for external_id in added[:250]:
                blog.remove(external_id)
        return answer

    found = ids(blog.connector(busy).pull(None, Mode.SWEEP))
    assert set(found) >= set(added[250:])
    assert len(found) == len(set(found))


def test_a_delta_loses_no_post_when_others_change_while_it_reads(blog):
    events = list(blog.connector().pull(None, Mode.SWEEP))
    added = [blog.add(f"Post {number}") for number in range(250)]

    def busy(request):
        answer = blog.handle(request)
        blog.tick(1)
        blog.change(added[5], "Changed on the way")
        return answer

    assert set(ids(blog.connector(busy).pull(events[-1].cursor, Mode.DELTA))) == set(added)


def test_a_delta_says_that_a_post_is_hidden_and_not_that_it_is_gone(blog):
    post = blog.add("Post")
    events = list(blog.connector().pull(None, Mode.SWEEP))
    blog.tick()
    blog.hide(post)
    found = list(blog.connector().pull(events[-1].cursor, Mode.DELTA))
    assert Delete(post, Presence.HIDDEN) in found


def test_a_trashed_post_is_gone_for_an_editor(blog):
    post = blog.add("Post")
    blog.remove(post)
    assert blog.connector().probe([post]) == {post: Presence.GONE}
    assert blog.connector(password="").probe([post]) == {post: Presence.HIDDEN}
