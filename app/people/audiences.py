"""The one rule that says which audience tokens a person holds."""

from app.intake.text import slug
from app.models import Person


def audience_tokens(person: Person) -> frozenset[str]:
    """Return the tokens of a person whose roles and groups are loaded.

    `everyone`, then `role:`, `group:`, `dept:` and `loc:` with the slug of each.
    """
    tokens = {"everyone"}
    tokens |= {f"role:{held.role.slug}" for held in person.roles}
    tokens |= {f"group:{group.slug}" for group in person.groups}
    if person.department:
        tokens.add(f"dept:{slug(person.department)}")
    if person.location:
        tokens.add(f"loc:{slug(person.location)}")
    return frozenset(tokens)
