"""What went wrong beneath becomes an answer that a directory understands."""

import pytest
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from app.errors import Conflict, Invalid
from app.scim.exchange import error_response


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (IntegrityError("", None, Exception("unique")), 409, "uniqueness"),
        (DataError("", None, Exception("too long")), 400, "invalidValue"),
        (Conflict("Somebody has it."), 409, "uniqueness"),
        (Invalid({"emails": "is missing"}), 400, "invalidValue"),
    ],
)
def test_it_says_what_a_refusal_is_called_in_scim(error, status, kind):
    answer = error_response(error)
    assert (answer.status, answer.body["scimType"]) == (status, kind)


def test_it_asks_to_come_again_when_the_database_is_away():
    answer = error_response(OperationalError("", None, Exception("locked")))
    assert (answer.status, answer.body["status"]) == (503, "503")
    assert int(answer.headers["Retry-After"]) > 0


def test_it_tells_nothing_of_a_mistake_of_its_own():
    answer = error_response(ZeroDivisionError("secret"))
    assert (answer.status, answer.body["status"]) == (500, "500")
    assert "secret" not in str(answer.body)
