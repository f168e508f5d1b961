"""The table of permissions."""

import pytest

from app.access import Access, Permission, allows


@pytest.mark.parametrize(
    ("permission", "who"),
    [
        (Permission.PUBLIC, {None, *Access}),
        (Permission.SIGNED_IN, set(Access)),
        (Permission.CURATE, {Access.CURATOR, Access.ADMIN}),
        (Permission.ADMINISTER, {Access.ADMIN}),
    ],
)
def test_it_grants_each_permission_to_exactly_these(permission, who):
    assert {level for level in (None, *Access) if allows(permission, level)} == who
