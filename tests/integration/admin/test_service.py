"""What an administrator changes about a person, and that the last one is never locked out."""

import pytest

from app.access import Access
from app.admin import service
from app.errors import NotAllowed, NotFound


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
