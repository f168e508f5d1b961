"""A page of the web on its way to be an item: reading it, the form to correct it, and pinning.

The same form stands where a curator pastes a link and where a reader's suggestion is accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.access import Permission
from app.curation import service as curation
from app.editing.contexts import Choices, field_labels
from app.editing.forms import LinkForm, chosen_names, one_line
from app.editing.links import add_page, checked_address, item_at
from app.editing.names import MOST_KNOWN, known_names, names_by_slug, roles_chosen, skills_chosen
from app.editing.pinning import PinPlace, place_of, places_for
from app.editing.reading import PageFacts, read_page
from app.errors import Invalid, NotFound
from app.models import Item, Role, Skill
from app.web.errors import translated
from app.web.htmx import page
from app.web.i18n import language, today
from app.web.security import is_local_address
from app.web.unit_of_work import config, db_session
from app.web.viewer import viewer

HOSTS = "foyer-reading-hosts"  # hosts of tests, which are on this machine


@dataclass(frozen=True, slots=True)
class Made:
    """What came of the form: the item, or None and what is wrong; `slug` is the page's it is on."""

    form: LinkForm
    item: Item | None
    errors: Mapping[str, str]
    said: str = ""
    slug: str = ""


def read_facts(url: str) -> PageFacts:
    """Return what the page at this address says of itself."""
    return read_page(url, private_hosts=current_app.extensions.get(HOSTS, ()))


def made_item() -> Made:
    """Return the item that the sent form asks for, pinned where it says; else what is wrong."""
    form = LinkForm()
    errors = {} if form.validate() else {name: why[0] for name, why in form.errors.items() if name}
    try:
        url = checked_address(form.url.data or "")
        skills = skills_chosen(db_session(), *chosen_names("skill"))
        roles = roles_chosen(db_session(), *chosen_names("role"))
    except Invalid as invalid:
        return Made(form, None, errors | said_of(invalid))
    if errors:
        return Made(form, None, errors)
    made = known_item(url) or add_page(
        db_session(),
        url,
        form.values(),
        skills=skills,
        roles=roles,
        tokens=viewer().tokens,
        now=clock.now(),
    )
    said, slug = _("“%(title)s” is in the catalogue.", title=made.title), ""
    if form.section.data:
        said, slug = pin_to(form.section.data, made, form.note.data)
    return Made(form, made, {}, said, slug)


def pin_to(section_id: int, item: Item, text: str) -> tuple[str, str]:
    """Pin an item to a section of a draft; return what to say of it, and the role's slug."""
    me = viewer()
    pinned = curation.pin_item(
        db_session(), section_id, item.id, by=me.id, tokens=me.tokens, now=clock.now(), note=text
    )
    place = place_of(db_session(), pinned.pin.section_id)
    if place is None:
        raise NotFound(_("This section is gone."))
    slug, role, section = place
    if not pinned.is_new:
        said = _(
            "It is on the page of %(role)s already, in “%(section)s”.", role=role, section=section
        )
    else:
        said = _(
            "Pinned in “%(section)s” of the draft for %(role)s. Publish it, and readers see it.",
            role=role,
            section=section,
        )
    return said, slug


def show_link(
    url: str, facts: PageFacts, *, action: str, status: int = 200, **more: Any
) -> ResponseReturnValue:
    """Show what a page says of itself, to be corrected and kept."""
    values = {
        "title": facts.title or one_line(request.form.get("title", "")),
        "summary": facts.summary,
        "kind": facts.kind,
        "level": None,
        "minutes": facts.minutes,
        "language": facts.language or language(),
    }
    return _link_page(url, values, action=action, trouble=facts.trouble, status=status, **more)


def refuse_link(made: Made, *, action: str, **more: Any) -> ResponseReturnValue:
    """Show the form again as it was filled, with what is wrong."""
    form, errors = made.form, made.errors
    values = form.values()
    if "minutes" in errors:
        values["minutes"] = request.form.get("minutes", "")
    return _link_page(
        form.url.data or "",
        values,
        action=action,
        errors=errors,
        section=form.section.data,
        text=form.note.data or "",
        status=422,
        **more,
    )


def places(item_id: int | None) -> list[PinPlace]:
    """Return where the reader of this request may pin an item."""
    me = viewer()
    return places_for(
        db_session(),
        item_id,
        person_id=me.id,
        rules=me.may(Permission.ADMINISTER),
        today=today(),
    )


def _link_page(
    url: str, values: Mapping[str, Any], *, action: str, status: int, **more: Any
) -> ResponseReturnValue:
    context: dict[str, Any] = {"errors": {}, "section": None, "text": "", "trouble": ""} | more
    context["trouble"] = translated(context["trouble"])
    context.setdefault("suggestion", None)
    return page(
        "editing/link.html",
        status=status,
        url=url,
        values=values,
        action=action,
        skills=_choices(Skill, "skill"),
        roles=_choices(Role, "role"),
        labels=field_labels(),
        places=places(None),
        back=back_address(),
        **context,
    )


def _choices(table: type[Skill] | type[Role], field: str) -> Choices:
    kept, typed = chosen_names(field)
    names = names_by_slug(db_session(), table, kept[:MOST_KNOWN])
    boxes = [(slug, name, True) for slug, name in names.items()]
    return Choices(boxes, typed, known_names(db_session(), table, tokens=viewer().tokens))


def known_item(url: str) -> Item | None:
    """Return the item that an address leads to, if the reader of this request may see it."""
    return item_at(db_session(), url, own=config().base_url, tokens=viewer().tokens)


def back_address() -> str:
    """Return where the curator came from, if the address or the form says so, else nothing."""
    wanted = request.form.get("back") or request.args.get("back", "")
    return wanted if is_local_address(wanted) else ""


def said_of(invalid: Invalid) -> dict[str, str]:
    """Return what is wrong, field by field, in the reader's language."""
    return {name: translated(why) for name, why in invalid.fields.items()}
