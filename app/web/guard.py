"""The one permission table: what each route asks for, checked before any view runs.

A route that is not in the table is refused, so that a new one cannot be forgotten; a test walks
every route against every access level and compares with `docs/permissions.md`.
"""

from datetime import timedelta
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app import clock, events
from app.access import Permission, Viewer, allows
from app.web.forms import page_of_the_form
from app.web.security import SAFE_METHODS, is_local_address
from app.web.unit_of_work import config
from app.web.viewer import viewer_or_none

# whoever changes something with one of these must have shown who they are not long ago
STEP_UP = frozenset({Permission.ADMINISTER})
# what pages tell by themselves, without a click: nobody is led away from a page for it
BY_ITSELF = frozenset({"shown.keep", "recent.remember", "notices.see"})
# what stands in a path as it is (RFC 3986, 3.3); a query holds more, and its own escapes
_AS_IT_IS = "/:@!$&'()*+,;=~-._"

ROUTES: dict[str, Permission] = {
    "static": Permission.PUBLIC,
    "health.live": Permission.PUBLIC,
    "health.ready": Permission.PUBLIC,
    "auth.sign_in": Permission.PUBLIC,
    "auth.one_time_link": Permission.PUBLIC,
    "auth.signed_out": Permission.PUBLIC,
    "auth.sign_out": Permission.SIGNED_IN,
    "auth.prove": Permission.SIGNED_IN,
    "auth.sessions": Permission.SIGNED_IN,
    "auth.end_session": Permission.SIGNED_IN,
    "auth.end_other_sessions": Permission.SIGNED_IN,
    "saml.start": Permission.PUBLIC,
    "saml.acs": Permission.PUBLIC,
    "saml.leave": Permission.PUBLIC,
    "saml.sls": Permission.PUBLIC,
    "saml.metadata": Permission.PUBLIC,
    "oidc.start": Permission.PUBLIC,
    "oidc.callback": Permission.PUBLIC,
    "oidc.leave": Permission.PUBLIC,
    "oidc.backchannel_logout": Permission.PUBLIC,
    "scim.handle": Permission.PROVISION,
    "lti.jwks": Permission.PUBLIC,
    "lti.auth": Permission.PUBLIC,
    "lti.auth_posted": Permission.PUBLIC,
    "lti.deep_linking": Permission.PUBLIC,
    "lti.tools": Permission.CURATE,
    "lti.tool": Permission.CURATE,
    "lti.pick": Permission.CURATE,
    "lti.picked": Permission.CURATE,
    "lti.add_picked": Permission.CURATE,
    "lti.drop_picked": Permission.CURATE,
    "lti.setup": Permission.ADMINISTER,
    "lti.keys": Permission.ADMINISTER,
    "lti.prepare_key": Permission.ADMINISTER,
    "lti.use_key": Permission.ADMINISTER,
    "sample.sign_in": Permission.PUBLIC,
    "sample.prove": Permission.SIGNED_IN,
    "people.settings": Permission.SIGNED_IN,
    "people.sharing": Permission.SIGNED_IN,
    "people.theme": Permission.SIGNED_IN,
    "activity.go": Permission.SIGNED_IN,
    "activity.save": Permission.SIGNED_IN,
    "activity.unsave": Permission.SIGNED_IN,
    "activity.done": Permission.SIGNED_IN,
    "activity.undone": Permission.SIGNED_IN,
    "activity.dismiss": Permission.SIGNED_IN,
    "activity.undismiss": Permission.SIGNED_IN,
    "activity.like": Permission.SIGNED_IN,
    "activity.unlike": Permission.SIGNED_IN,
    "activity.rate": Permission.SIGNED_IN,
    "activity.unrate": Permission.SIGNED_IN,
    "curation.my_role_page": Permission.SIGNED_IN,
    "curation.role_pages": Permission.SIGNED_IN,
    "curation.role_page": Permission.SIGNED_IN,
    "curation.dashboard": Permission.CURATE,
    "curation.add_page": Permission.CURATE,
    "curation.edit": Permission.CURATE,
    "curation.edit_details": Permission.CURATE,
    "curation.mark_reviewed": Permission.CURATE,
    "curation.ask_for_skills": Permission.CURATE,
    "curation.add_section": Permission.CURATE,
    "curation.edit_section": Permission.CURATE,
    "curation.move_section": Permission.CURATE,
    "curation.remove_section": Permission.CURATE,
    "curation.pin": Permission.CURATE,
    "curation.note": Permission.CURATE,
    "curation.edit_note": Permission.CURATE,
    "curation.move_pin": Permission.CURATE,
    "curation.reorder": Permission.CURATE,
    "curation.unpin": Permission.CURATE,
    "curation.begin": Permission.CURATE,
    "curation.settings": Permission.CURATE,
    "curation.edit_settings": Permission.CURATE,
    "curation.replace": Permission.CURATE,
    "drafts.review": Permission.CURATE,
    "drafts.publish": Permission.CURATE,
    "drafts.discard": Permission.CURATE,
    "drafts.show_preview": Permission.CURATE,
    "drafts.suggestions": Permission.CURATE,
    "drafts.show_history": Permission.CURATE,
    "drafts.show_version": Permission.CURATE,
    "drafts.roll_back": Permission.CURATE,
    "drafts.curators": Permission.CURATE,
    "drafts.give": Permission.CURATE,
    "drafts.withdraw": Permission.CURATE,
    "drafts.hand_over": Permission.CURATE,
    "drafts.take": Permission.CURATE,
    "drafts.ask": Permission.CURATE,
    "playlists.index": Permission.SIGNED_IN,
    "playlists.show": Permission.SIGNED_IN,
    "playlists.start": Permission.SIGNED_IN,
    "playlists.stop": Permission.SIGNED_IN,
    "playlists.done": Permission.SIGNED_IN,
    "playlists.undone": Permission.SIGNED_IN,
    "playlists.move": Permission.SIGNED_IN,
    "playlists.catch_up": Permission.SIGNED_IN,
    "playlists.put_back": Permission.SIGNED_IN,
    "certificates.show": Permission.SIGNED_IN,
    "certificates.check": Permission.SIGNED_IN,
    "absences.index": Permission.SIGNED_IN,
    "absences.remove": Permission.SIGNED_IN,
    "calendar.index": Permission.SIGNED_IN,
    "calendar.make": Permission.SIGNED_IN,
    "calendar.switch_off": Permission.SIGNED_IN,
    "calendar.feed": Permission.PUBLIC,
    "cohort.show": Permission.CURATE,
    "cohort.send": Permission.CURATE,
    "desk.index": Permission.CURATE,
    "desk.new": Permission.CURATE,
    "desk.show": Permission.CURATE,
    "desk.edit": Permission.CURATE,
    "desk.review": Permission.CURATE,
    "desk.version": Permission.CURATE,
    "desk.find_items": Permission.CURATE,
    "desk.new_step": Permission.CURATE,
    "desk.edit_step": Permission.CURATE,
    "desk.people": Permission.CURATE,
    "desk.new_rule": Permission.CURATE,
    "desk.rule": Permission.CURATE,
    "desk.create": Permission.CURATE,
    "desk.begin": Permission.CURATE,
    "desk.drop": Permission.CURATE,
    "desk.publish": Permission.CURATE,
    "desk.restore": Permission.CURATE,
    "desk.retire": Permission.CURATE,
    "desk.offer": Permission.CURATE,
    "desk.edit_details": Permission.CURATE,
    "desk.add_week": Permission.CURATE,
    "desk.name_week": Permission.CURATE,
    "desk.move_week": Permission.CURATE,
    "desk.remove_week": Permission.CURATE,
    "desk.reorder": Permission.CURATE,
    "desk.add_item": Permission.CURATE,
    "desk.add_step": Permission.CURATE,
    "desk.save_step": Permission.CURATE,
    "desk.move_step": Permission.CURATE,
    "desk.remove_step": Permission.CURATE,
    "desk.put_back": Permission.CURATE,
    "desk.give": Permission.CURATE,
    "desk.take": Permission.CURATE,
    "desk.add_rule": Permission.CURATE,
    "desk.switch_rule": Permission.CURATE,
    "desk.remove_rule": Permission.CURATE,
    "discover.search": Permission.SIGNED_IN,
    "discover.item": Permission.SIGNED_IN,
    "discover.why": Permission.SIGNED_IN,
    "live.answers": Permission.SIGNED_IN,
    "suggest.index": Permission.SIGNED_IN,
    "suggest.person": Permission.SIGNED_IN,
    "recent.index": Permission.SIGNED_IN,
    "recent.remember": Permission.SIGNED_IN,
    "recent.forget": Permission.SIGNED_IN,
    "recent.forget_all": Permission.SIGNED_IN,
    "governance.report": Permission.SIGNED_IN,
    "governance.thanks": Permission.SIGNED_IN,
    "governance.suggest": Permission.SIGNED_IN,
    "governance.mine": Permission.SIGNED_IN,
    "governance.withdraw": Permission.SIGNED_IN,
    "governance.reports": Permission.CURATE,
    "governance.readers": Permission.CURATE,
    "governance.decide_on": Permission.CURATE,
    "governance.look": Permission.CURATE,
    "governance.accept": Permission.CURATE,
    "governance.want": Permission.SIGNED_IN,
    "editing.edit": Permission.CURATE,
    "editing.edit_item": Permission.CURATE,
    "editing.take_again": Permission.CURATE,
    "editing.give_picture": Permission.CURATE,
    "editing.remove_picture": Permission.CURATE,
    "editing.put_picture_back": Permission.CURATE,
    "editing.picture": Permission.SIGNED_IN,
    "links.index": Permission.CURATE,
    "links.show": Permission.CURATE,
    "links.check": Permission.CURATE,
    "links.fine": Permission.CURATE,
    "links.take_address": Permission.CURATE,
    "care.review": Permission.CURATE,
    "care.keep": Permission.CURATE,
    "care.put_off": Permission.CURATE,
    "care.undo": Permission.CURATE,
    "care.item": Permission.CURATE,
    "care.change": Permission.CURATE,
    "care.retire": Permission.CURATE,
    "care.retire_now": Permission.CURATE,
    "care.bring_back": Permission.CURATE,
    "care.rules_page": Permission.CURATE,
    "care.new_rule": Permission.CURATE,
    "care.add_rule": Permission.CURATE,
    "care.edit_rule": Permission.CURATE,
    "care.change_rule": Permission.CURATE,
    "care.remove_rule": Permission.CURATE,
    "care.restore_rule": Permission.CURATE,
    "care.reports": Permission.CURATE,
    "care.reports_csv": Permission.CURATE,
    "care.report": Permission.CURATE,
    "care.report_csv": Permission.CURATE,
    "editing.pin": Permission.CURATE,
    "editing.read": Permission.CURATE,
    "editing.add_link": Permission.CURATE,
    "editing.pin_item": Permission.CURATE,
    "editing.bookmarklet": Permission.CURATE,
    "duplicates.index": Permission.CURATE,
    "duplicates.apart": Permission.CURATE,
    "duplicates.split": Permission.CURATE,
    "duplicates.choose": Permission.CURATE,
    "duplicates.merge": Permission.CURATE,
    "tending.synonyms": Permission.CURATE,
    "tending.add_synonyms": Permission.CURATE,
    "tending.edit_synonyms": Permission.CURATE,
    "tending.remove_synonyms": Permission.CURATE,
    "tending.paste_synonyms": Permission.CURATE,
    "tending.quality": Permission.ADMINISTER,
    "tending.ranking": Permission.ADMINISTER,
    "tending.choose_ranking": Permission.ADMINISTER,
    "tending.choose_again": Permission.ADMINISTER,
    "tending.models": Permission.ADMINISTER,
    "tending.model": Permission.ADMINISTER,
    "tending.serve_model": Permission.ADMINISTER,
    "tending.stop_training": Permission.ADMINISTER,
    "tending.experiments_page": Permission.ADMINISTER,
    "tending.start_experiment": Permission.ADMINISTER,
    "tending.end_experiment": Permission.ADMINISTER,
    "shown.keep": Permission.SIGNED_IN,
    "home.index": Permission.SIGNED_IN,
    "home.for_you": Permission.SIGNED_IN,
    "home.next_card": Permission.SIGNED_IN,
    "home.why": Permission.SIGNED_IN,
    "mydata.index": Permission.SIGNED_IN,
    "mydata.connect": Permission.SIGNED_IN,
    "mydata.leave": Permission.SIGNED_IN,
    "mydata.callback": Permission.PUBLIC,
    "mydata.disconnect": Permission.SIGNED_IN,
    "signals.index": Permission.SIGNED_IN,
    "signals.pause": Permission.SIGNED_IN,
    "signals.resume": Permission.SIGNED_IN,
    "signals.forget": Permission.SIGNED_IN,
    "signals.sure": Permission.SIGNED_IN,
    "signals.forget_many": Permission.SIGNED_IN,
    "signals.shown": Permission.SIGNED_IN,
    "signals.forget_shown": Permission.SIGNED_IN,
    "signals.download": Permission.SIGNED_IN,
    "notices.index": Permission.SIGNED_IN,
    "notices.see": Permission.SIGNED_IN,
    "notices.choices": Permission.SIGNED_IN,
    "notices.ask_to_stop": Permission.PUBLIC,
    "notices.stop": Permission.PUBLIC,
    "library.index": Permission.SIGNED_IN,
    "library.history": Permission.SIGNED_IN,
    "library.kept_searches": Permission.SIGNED_IN,
    "library.keep_search": Permission.SIGNED_IN,
    "library.forget_search": Permission.SIGNED_IN,
    "library.refresh_searches": Permission.SIGNED_IN,
    "library.see_searches": Permission.SIGNED_IN,
    "admin.index": Permission.ADMINISTER,
    "admin.people": Permission.ADMINISTER,
    "admin.train": Permission.ADMINISTER,
    "admin.person": Permission.ADMINISTER,
    "admin.end_sessions": Permission.ADMINISTER,
    "admin.change_access": Permission.ADMINISTER,
    "admin.unlink": Permission.ADMINISTER,
    "admin.switch_person": Permission.ADMINISTER,
    "audit.index": Permission.ADMINISTER,
    "identity.providers": Permission.ADMINISTER,
    "identity.add_saml": Permission.ADMINISTER,
    "identity.add_oidc": Permission.ADMINISTER,
    "identity.provider": Permission.ADMINISTER,
    "identity.edit_provider": Permission.ADMINISTER,
    "identity.edit_mapping": Permission.ADMINISTER,
    "identity.replace_metadata": Permission.ADMINISTER,
    "identity.refresh": Permission.ADMINISTER,
    "identity.switch_provider": Permission.ADMINISTER,
    "identity.try_out": Permission.ADMINISTER,
    "identity.record": Permission.ADMINISTER,
    "identity.link": Permission.ADMINISTER,
    "identity.end_sessions": Permission.ADMINISTER,
    "identity.remove_provider": Permission.ADMINISTER,
    "identity.prepare_key": Permission.ADMINISTER,
    "identity.use_key": Permission.ADMINISTER,
    "identity.clients": Permission.ADMINISTER,
    "identity.client": Permission.ADMINISTER,
    "identity.edit_client": Permission.ADMINISTER,
    "identity.switch_client": Permission.ADMINISTER,
    "identity.add_token": Permission.ADMINISTER,
    "identity.revoke_token": Permission.ADMINISTER,
    "tools.index": Permission.ADMINISTER,
    "tools.ecosystem": Permission.ADMINISTER,
    "tools.choose": Permission.ADMINISTER,
    "tools.add": Permission.ADMINISTER,
    "tools.tool": Permission.ADMINISTER,
    "tools.edit": Permission.ADMINISTER,
    "tools.switch": Permission.ADMINISTER,
    "tools.check": Permission.ADMINISTER,
    "tools.remove": Permission.ADMINISTER,
    "tools.run": Permission.ADMINISTER,
    "tools.read_again": Permission.ADMINISTER,
    "tools.stop": Permission.ADMINISTER,
    "tools.run_record": Permission.ADMINISTER,
    "tools.answer_removals": Permission.ADMINISTER,
    "tools.mapping": Permission.ADMINISTER,
    "tools.people": Permission.ADMINISTER,
    "tools.link_account": Permission.ADMINISTER,
    "tools.unlink_account": Permission.ADMINISTER,
    "tools.health": Permission.CURATE,
}


def init_app(app: Flask) -> None:
    """Ask for the route's permission before each view."""
    app.before_request(_check)


def sign_in_address() -> str:
    """Return the sign-in page's address, carrying where the reader wanted to go.

    A part of a page and the answer to a form are no places to go to: then it is the page itself.
    """
    wanted = quote(request.path, safe=_AS_IT_IS)
    if request.query_string:
        wanted += "?" + quote(request.query_string, safe=_AS_IT_IS + "?%")
    if request.method not in {"GET", "HEAD"} or "HX-Request" in request.headers:
        wanted = page_of_the_form("")
    if not is_local_address(wanted):
        return url_for("auth.sign_in")
    return url_for("auth.sign_in", next=wanted)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None or request.routing_exception is not None:
        return None
    permission = ROUTES.get(request.endpoint)
    if permission is None:
        current_app.logger.error("route %s is not in the permission table", request.endpoint)
        abort(403)
    if permission in {Permission.PUBLIC, Permission.PROVISION}:
        return None  # whoever provisions shows a bearer token, which app.scim checks
    reader = viewer_or_none()
    if reader is None:
        if request.endpoint in BY_ITSELF and "HX-Request" in request.headers:
            return Response(status=204)
        return _leave_for(sign_in_address())
    if not allows(permission, reader.access):
        events.access_refused.send(None, permission=permission)
        abort(404)
    if permission in STEP_UP and request.method not in SAFE_METHODS and not _proved(reader):
        wanted = page_of_the_form(url_for("home.index"))
        return _leave_for(url_for("auth.prove", next=wanted))
    return None


def _proved(reader: Viewer) -> bool:
    """Tell whether the reader has shown who they are within the time that the settings give."""
    return clock.now() - reader.proved_at <= timedelta(minutes=config().step_up_minutes)


def _leave_for(address: str) -> ResponseReturnValue:
    """Send the browser to another page, also when htmx asks only for a part of one."""
    if "HX-Request" in request.headers:
        return Response(status=200, headers={"HX-Redirect": address})
    return redirect(address, code=303)
