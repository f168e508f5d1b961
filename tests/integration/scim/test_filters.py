"""Questions that SQL narrows are answered as the library's own evaluator answers them."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scim2_models import SearchRequest
from sqlalchemy import insert

from app.models import Person, ScimUser
from app.scim import service
from app.scim.filters import condition
from app.scim.protocol import CORE_USER, speaker
from app.scim.rows import model_of
from app.scim.storage import SqlStorage
from tests.integration.scim.test_storage import Nobody
from tests.support.queries import count_queries

NAMES = ["amara", "AMARA", "Åse", "åse", "straße", "STRASSE", "ﬁn", "İpek", "a_b", "a%b", "50"]
MAILS = [f"{name}@example.org" for name in ("amara", "Amara", "åse", "x_y")]
USER = speaker().get_resource_type("User")

emails = st.lists(
    st.fixed_dictionaries(
        {"value": st.sampled_from(MAILS), "type": st.sampled_from(["work", "home"])}
    ),
    max_size=2,
)
users = st.lists(
    st.fixed_dictionaries(
        {"userName": st.sampled_from(NAMES)},
        optional={
            "externalId": st.sampled_from(NAMES),
            "displayName": st.sampled_from(NAMES),
            "emails": emails,
            "title": st.sampled_from(NAMES),
            "active": st.booleans(),
        },
    ),
    max_size=6,
    unique_by=lambda one: model_of("User").model_validate(one).user_name.lower(),
)


def quoted(name, values):
    return st.sampled_from(values).map(lambda value: f'{name} eq "{value}"')


simple = st.one_of(
    *(quoted(name, NAMES) for name in ("userName", "externalId", "displayName", "USERNAME")),
    *(quoted(name, MAILS) for name in ("emails", "emails.value", f"{CORE_USER}:emails.value")),
    quoted('emails[type eq "work"].value', MAILS),
    st.sampled_from(MAILS).map(lambda value: f'emails[type eq "work" and value eq "{value}"]'),
    st.sampled_from(['id eq "x"', 'title co "a"', "active eq true", "emails pr", "title pr"]),
)
filters = st.recursive(
    simple,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        )
        | inner.map(lambda one: f"not ({one})")
    ),
    max_leaves=4,
)


@pytest.fixture
def storage(session, now):
    """Return the storage of a client without users."""
    client = service.add_client(session, "Entra", now=now)
    return SqlStorage(session, client.id, Nobody(session, now), now=now)


def asked(**parameters):
    """Return a search among users, as the library makes it of a request."""
    return SearchRequest[model_of("User")](**parameters)


@pytest.fixture
def add(storage):
    """Return a function that adds a user."""
    return lambda body: storage.create(USER, model_of("User").model_validate(body))


@given(bodies=users, text=filters)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_finds_what_the_evaluator_finds(session, storage, add, bodies, text):
    with session.begin_nested() as trial:
        everybody = [add(one) for one in bodies]
        request = asked(filter=text)
        page = storage.search([USER], request)
        wanted = [one.id for one in everybody if request.filter.match(one)]
        assert sorted(one.id for one in page.resources) == sorted(wanted)
        assert page.total == len(wanted)
        trial.rollback()


@pytest.mark.parametrize(
    ("text", "narrowed"),
    [
        ('userName eq "a"', True),
        ('emails[type eq "work" and value eq "a@b.org"]', True),
        ('title eq "a" and externalId eq "b"', True),
        ('userName eq "a" or displayName eq "b"', True),
        ('userName eq "a" or title eq "b"', False),
        ('not (userName eq "a")', False),
        ('userName sw "a"', False),
        ('userName eq "\\u0000"', True),
    ],
)
def test_it_asks_an_index_where_it_can(text, narrowed):
    assert (condition(asked(filter=text).filter.ast, ScimUser) is not None) == narrowed


@pytest.mark.parametrize("text", ['userName eq "\\u0000"', 'id eq "\\ud800"'])
def test_it_finds_nobody_whom_no_database_could_keep(storage, add, text):
    add({"userName": "amara"})
    assert storage.search([USER], asked(filter=text)).total == 0


@pytest.fixture
def two_thousand(session, storage, now):
    """Return the storage with 2,000 users, as rows."""
    ids = [str(uuid.UUID(int=number)) for number in range(2000)]
    session.execute(
        insert(Person),
        [
            {"id": n + 1, "email": f"p{n}@example.org", "name": "-", "given_name": "-",
             "created_at": now, "access": "employee", "access_from": "", "active": True,
             "theme": "auto"}
            for n in range(2000)
        ],
    )  # fmt: skip
    moments = {"created_at": now, "updated_at": now, "version": "1", "client_id": storage.client_id}
    session.execute(
        insert(ScimUser),
        [
            {"id": one, "person_id": n + 1, "user_name": f"p{n}@example.org",
             "body": {"userName": f"P{n}@example.org"}, **moments}
            for n, one in enumerate(ids)
        ],
    )  # fmt: skip
    return storage


def test_it_answers_from_two_thousand_with_few_statements(database, two_thousand):
    with count_queries(database.engine) as sent:
        page = two_thousand.search([USER], asked(filter='userName eq "p1234@EXAMPLE.org"', count=1))
    assert [one.user_name for one in page.resources] == ["P1234@example.org"]
    assert len(sent) <= 4
    with count_queries(database.engine) as sent:
        page = two_thousand.search([USER], asked(start_index=1951, count=100))
    assert (page.total, len(page.resources)) == (2000, 50)
    assert len(sent) <= 3
    page = two_thousand.search([USER], asked(filter='userName ew "99@example.org"', count=3))
    assert (page.total, len(page.resources)) == (20, 3)
