"""What those who look after a role's page are told of what other curators do."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.access import Viewer
from app.errors import Wording
from app.models import NoticeKind, RolePage
from app.notices.service import tell


def given(session: Session, page: RolePage, person_id: int, *, by: str, now: datetime) -> None:
    """Tell a curator that they can change a page now."""
    sentence = Wording("%(name)s lets you change the %(role)s page.", name=by, role=page.role.name)
    _tell(session, [person_id], "given", page, sentence, now)


def handed_over(
    session: Session, page: RolePage, person_id: int, *, by: str, now: datetime
) -> None:
    """Tell a curator that they answer for a page now."""
    sentence = Wording(
        "%(name)s asks you to answer for the %(role)s page from now on.",
        name=by,
        role=page.role.name,
    )
    _tell(session, [person_id], "handed", page, sentence, now)


def asked(
    session: Session,
    page: RolePage,
    people: Collection[int],
    *,
    text: str,
    by: Viewer,
    now: datetime,
) -> None:
    """Tell a page's curators what another one would like to see changed there."""
    sentence = Wording(
        "%(name)s suggests a change of the %(role)s page: %(text)s",
        name=by.name,
        role=page.role.name,
        text=text,
    )
    _tell(session, people, f"asked:{by.id}", page, sentence, now)


def _tell(
    session: Session,
    people: Collection[int],
    what: str,
    page: RolePage,
    sentence: Wording,
    now: datetime,
) -> None:
    tell(
        session,
        people,
        NoticeKind.PAGE,
        key=f"page:{page.role_id}:{what}:{now.isoformat(timespec='seconds')}",
        sentence=sentence,
        now=now,
        path=f"/curate/roles/{page.role.slug}",
    )
