"""What an administrator changes about a person, and that the last one is never locked out."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError

from app.access import Access
from app.admin import service
from app.errors import NotAllowed, NotFound
from app.models import Person
from tests.support.emptying import empty
from tests.support.factories import Factory


@pytest.fixture
def admin(make):
    return make.person(access="admin")


def test_it_keeps_the_last_administrator_who_can_sign_in(session, make, admin):
    left = make.person(access="admin", active=False)
    for change in (
        lambda: service.change_access(session, admin, Access.EMPLOYEE, by=left.id),
        lambda: service.switch_person(session, admin, active=False, by=left.id),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_it_takes_the_access_of_one_administrator_of_two(session, make, admin):
    other = make.person(access="admin")
    service.change_access(session, other, Access.EMPLOYEE, by=admin.id)
    assert other.access == "employee"


def test_it_makes_an_administrator(session, make, admin):
    other = make.person()
    service.change_access(session, other, Access.ADMIN, by=admin.id)
    assert other.access == "admin"


def test_it_finds_no_identity_of_somebody_else(session, make, admin):
    with pytest.raises(NotFound):
        service.unlink(session, admin, 4711)


@pytest.fixture
def two_administrators(database):
    """Return the numbers of two administrators whose rows are committed."""
    with database.sessions() as session:
        make = Factory(session)
        numbers = [make.person(access="admin").id for _ in range(2)]
        session.commit()
    yield numbers
    empty(database)


def test_it_keeps_one_administrator_though_two_shut_each_other_out(database, two_administrators):
    first, second = two_administrators

    def shut_out(whom, by):
        with suppress(NotAllowed, OperationalError), database.transaction() as session:
            service.switch_person(session, session.get(Person, whom), active=False, by=by)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(shut_out, (first, second), (second, first)))
    with database.sessions() as session:
        assert session.query(Person).filter_by(access="admin", active=True).count() == 1
