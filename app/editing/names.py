"""Skills and job roles as a curator chooses them: by name, with what is there already."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.queries import skill_visible_to
from app.errors import Invalid, Wording
from app.intake.text import plain, slug
from app.models import Role, Skill

MOST = 50
MOST_KNOWN = 2000
LONGEST = 120
Pair = tuple[str, str]


def skills_chosen(session: Session, kept: Collection[str], added: Iterable[str]) -> list[Pair]:
    """Return (slug, name) of the skills `kept` (slugs) and those called `added`, new ones too.

    A name that a skill has already, in whatever case, is that skill. Raises Invalid for a name that
    is too long or has no letters, and for more than 50 skills.
    """
    found = _known(session, Skill, kept, added)
    found += [
        (slug(name), name) for name in _cleaned("skills", added) if not _is_among(found, name)
    ]
    return _few("skills", found)


def roles_chosen(session: Session, kept: Collection[str], added: Iterable[str]) -> list[Pair]:
    """Return (slug, name) of the job roles `kept` (slugs) and those called `added`, by slug.

    Raises Invalid for a name that no role has: roles come with the people.
    """
    found = _known(session, Role, kept, added)
    for name in _cleaned("roles", added):
        if not _is_among(found, name):
            raise Invalid({"roles": Wording("No role is called “%(name)s”.", name=name)})
    return sorted(_few("roles", found))


def known_names(
    session: Session, table: type[Skill] | type[Role], *, tokens: Collection[str]
) -> list[str]:
    """Return the names to choose from, 2000 at most; of skills, those that a reader may know of."""
    wanted = select(table.name).order_by(table.name).limit(MOST_KNOWN)
    if table is Skill:
        wanted = wanted.where(skill_visible_to(tokens))
    return list(session.scalars(wanted))


def names_by_slug(
    session: Session, table: type[Skill] | type[Role], slugs: Collection[str]
) -> dict[str, str]:
    """Return the names of these skills or roles by slug."""
    if not slugs:
        return {}
    rows = session.execute(select(table.slug, table.name).where(table.slug.in_(sorted(slugs))))
    return {row.slug: row.name for row in rows}


def _known(
    session: Session,
    table: type[Skill] | type[Role],
    kept: Collection[str],
    added: Iterable[str],
) -> list[Pair]:
    """Return those that are there: the kept ones in their order, then the added ones."""
    names = [plain(name) for name in added]
    slugs = [*kept, *(slug(name) for name in names)]
    rows = session.execute(
        select(table.slug, table.name).where(
            table.slug.in_(slugs) | func.lower(table.name).in_([name.lower() for name in names])
        )
    )
    places = {one: place for place, one in reversed(list(enumerate(slugs)))}
    found = [(row.slug, row.name) for row in rows]
    return sorted(found, key=lambda pair: (places.get(pair[0], len(places)), pair))


def _cleaned(field: str, names: Iterable[str]) -> list[str]:
    found = {slug(plain(name)): plain(name) for name in names if plain(name)}
    for key, name in found.items():
        if not key or len(key) > LONGEST or len(name) > LONGEST:
            raise Invalid({field: Wording("This is no name: letters, at most 120 of them.")})
    return list(found.values())


def _is_among(found: Sequence[Pair], name: str) -> bool:
    return any(key == slug(name) or known.lower() == name.lower() for key, known in found)


def _few(field: str, found: list[Pair]) -> list[Pair]:
    unique = list(dict(found).items())
    if len(unique) > MOST:
        raise Invalid({field: Wording("Choose %(most)s at most.", most=MOST)})
    return unique
