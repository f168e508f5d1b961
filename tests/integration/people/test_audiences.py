"""Which audience tokens a person holds."""

from app.people.audiences import audience_tokens, slug
from app.people.queries import with_roles_and_groups


def test_it_gives_everybody_the_token_everyone(session, make):
    person = make.person()
    assert audience_tokens(with_roles_and_groups(session, person.id)) == {"everyone"}


def test_it_gives_a_token_for_each_role_group_department_and_place(session, make):
    person = make.person(
        roles=[make.role("field-engineer")], department="Field Service", location="Köln"
    )
    make.group("pilot", [person])
    session.expire_all()
    assert audience_tokens(with_roles_and_groups(session, person.id)) == {
        "everyone",
        "role:field-engineer",
        "group:pilot",
        "dept:field-service",
        "loc:köln",
    }


def test_it_joins_the_words_of_a_name_with_dashes():
    assert slug("R&D / Field  Service") == "r-and-d-field-service"
