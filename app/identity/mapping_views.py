"""Pages that say what attributes and groups mean here, tried out on what came in last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import clock
from app.access import Access
from app.auth import records
from app.errors import Invalid
from app.identity import contexts, mapping_form, queries, service
from app.identity.blueprint import bp
from app.identity.client_views import client_or_404
from app.identity.provider_views import provider_or_404
from app.models import SignInRecord
from app.people import queries as directory
from app.people.mapping import AttributeMapping, profile
from app.people.rules import Gift
from app.scim import service as scim
from app.web.errors import translated
from app.web.htmx import page
from app.web.unit_of_work import db_session


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose mapping a page changes: how it is kept, what it is tried on, where the page stands."""

    kept: AttributeMapping
    keep: Callable[[AttributeMapping], None]
    action: str
    back: str
    lead: str
    crumbs: Sequence[tuple[str, str]]
    last: SignInRecord | None = None
    values: Sequence[str] = field(default_factory=tuple)


@bp.route("/providers/<slug>/mapping", methods=["GET", "POST"])
def edit_mapping(slug: str) -> ResponseReturnValue:
    """Show, try out and keep what a provider's attributes mean."""
    found = provider_or_404(slug)
    back = url_for("identity.provider", slug=slug)
    kept = AttributeMapping.from_json(found.mapping)
    last = next(iter(queries.records_with_attributes(db_session(), found.id)), None)

    def keep(mapping: AttributeMapping) -> None:
        service.change(db_session(), found, {"mapping": mapping.to_json()}, now=clock.now())

    return _page(
        Subject(
            kept=kept,
            keep=keep,
            action=url_for("identity.edit_mapping", slug=slug),
            back=back,
            lead=_("What %(name)s sends, and what it stands for here.", name=found.name),
            crumbs=[*_crumbs(), (found.name, back)],
            last=last,
            values=_group_values(last, kept),
        )
    )


@bp.route("/scim/<slug>/mapping", methods=["GET", "POST"])
def edit_client(slug: str) -> ResponseReturnValue:
    """Show and keep what a SCIM client's groups mean."""
    found = client_or_404(slug)
    back = url_for("identity.client", slug=slug)

    def keep(mapping: AttributeMapping) -> None:
        scim.edit_client(db_session(), found, name=found.name, mapping=mapping)

    return _page(
        Subject(
            kept=AttributeMapping.from_json(found.mapping),
            keep=keep,
            action=url_for("identity.edit_client", slug=slug),
            back=back,
            lead=_("What the groups of %(name)s stand for here.", name=found.name),
            crumbs=[
                *_crumbs(),
                (_("SCIM clients"), url_for("identity.clients")),
                (found.name, back),
            ],
            values=queries.group_names(db_session(), found.id),
        )
    )


def _page(subject: Subject) -> ResponseReturnValue:
    if request.method != "POST":
        return _form(subject, subject.kept)
    try:
        mapping = mapping_form.mapping_in(request.form, subject.kept)
    except Invalid as refusal:
        errors = [
            (_field(name), translated(contexts.in_the_form(text)))
            for name, text in refusal.fields.items()
        ]
        return _form(subject, subject.kept, errors=errors, status=422)
    if request.form.get("preview"):
        return _form(subject, mapping)
    subject.keep(mapping)
    flash(_("Saved. It counts from the next sign-in or change on."))
    return redirect(subject.action, code=303)


def _form(
    subject: Subject,
    mapping: AttributeMapping,
    *,
    errors: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> ResponseReturnValue:
    form = request.form if errors else None
    sources, names = mapping_form.sources_as_text(mapping), contexts.fields()
    if form is not None:
        sources = {name: form.get(f"source_{name}", "") for name in sources}
    return page(
        "identity/mapping.html",
        crumbs=subject.crumbs,
        lead=subject.lead,
        action=subject.action,
        back=subject.back,
        errors=errors,
        rules=mapping_form.typed_rows(form) if form else mapping_form.rows(mapping.rules),
        fields=names,
        gifts=_gifts(),
        groups_as_they_are=mapping.groups_as_they_are,
        sources=[(name, names[name], sources[name]) for name in names],
        sources_open=any(sources.values()),
        known_values=subject.values,
        known_names=_known_names(),
        preview=_preview(subject.last, mapping),
        status=status,
    )


def _preview(last: SignInRecord | None, mapping: AttributeMapping) -> dict[str, Any] | None:
    """Return the last sign-in as this mapping would read it."""
    if last is None:
        return None
    who = last.person.name if last.person else last.subject
    made = records.as_made(profile(mapping, last.received))
    return {"who": who, "at": last.at, **contexts.beside(last.received, made, last.subject)}


def _group_values(last: SignInRecord | None, mapping: AttributeMapping) -> list[str]:
    """Return values worth a rule: the groups and roles of the last sign-in."""
    if last is None:
        return []
    wanted = {name.lower() for one in ("groups", "roles") for name in mapping.sources.get(one, ())}
    found = (values for name, values in last.received.items() if name.lower() in wanted)
    return sorted({value for values in found for value in values})[:200]


def _known_names() -> list[str]:
    roles = [role.slug for role in directory.roles_in_order(db_session())]
    return [*(level.value for level in Access), *roles]


def _gifts() -> dict[Gift, str]:
    return {"role": _("the job role"), "group": _("the group"), "access": _("the access level")}


def _field(complaint: str) -> str:
    """Return the form field that a complaint of the mapping is about."""
    part, _dot, rest = complaint.partition(".")
    return {"sources": f"source_{rest}", "rules": f"rule_field_{rest}"}.get(part, part)


def _crumbs() -> list[tuple[str, str]]:
    return [
        (_("Administer"), url_for("admin.index")),
        (_("Identity providers"), url_for("identity.providers")),
    ]
