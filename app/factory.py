"""Puts the rooms together: the only place that makes an application."""

import os
from collections.abc import Mapping
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import events, jobs, migrations
from app.activity import instead, launches, twins
from app.activity.views import bp as activity
from app.admin.health import bp as health
from app.admin.views import bp as admin
from app.audit import refusals, trail
from app.audit.views import bp as audit
from app.auth import login, provider_way, ways
from app.auth.views import bp as auth
from app.care import tending as care_tending
from app.care.views import bp as care
from app.config import Config
from app.curation.draft_views import bp as drafts
from app.db import Database
from app.demo import views as sample
from app.discover.indexing import EXTENSION as SEARCH_INDEX
from app.discover.indexing import SearchIndex
from app.discover.live_page import init_app as remember_live
from app.discover.live_views import bp as live
from app.discover.recent_views import bp as recent
from app.discover.suggest_views import bp as suggest
from app.discover.views import bp as discover
from app.duplicates.views import bp as duplicates
from app.editing.views import bp as editing
from app.foryou import shelf
from app.foryou.room import Room
from app.foryou.shown_views import bp as shown
from app.governance.views import bp as governance
from app.home.views import bp as home
from app.identity.views import bp as identity
from app.library.views import bp as library
from app.links.views import bp as links
from app.lti.launch_views import launch as launch_by_lti
from app.lti.views import bp as lti
from app.mydata.signal_views import bp as signals
from app.mydata.views import bp as mydata
from app.notices.views import bp as notices
from app.oidc.views import bp as oidc
from app.people.views import bp as people
from app.playlists import rules as playlist_rules
from app.playlists import service as playlist_service
from app.playlists.absence_views import bp as absences
from app.playlists.calendar_views import bp as calendar
from app.playlists.certificate_views import bp as certificates
from app.playlists.cohort_views import bp as cohort
from app.playlists.desk_views import bp as playlist_desk
from app.playlists.views import bp as playlists
from app.saml.views import bp as saml
from app.scim.views import bp as scim
from app.tending.views import bp as tending
from app.tools.views import bp as tools
from app.web import (
    assets,
    errors,
    guard,
    i18n,
    limits,
    request_log,
    security,
    templating,
    unit_of_work,
)
from app.web.htmx import htmx
from app.worklist.views import bp as curation

_ROOT = Path(__file__).parent.parent
BLUEPRINTS = (
    (health, ""),
    (auth, ""),
    (saml, "/saml"),
    (oidc, "/oidc"),
    (scim, "/scim/v2"),
    (lti, ""),
    (people, ""),
    (home, ""),
    (discover, ""),
    (live, ""),
    (suggest, ""),
    (recent, ""),
    (shown, ""),
    (activity, ""),
    (curation, ""),
    (drafts, ""),
    (playlists, "/playlists"),
    (playlist_desk, "/curate/playlists"),
    (cohort, "/curate/playlists"),
    (certificates, ""),
    (absences, ""),
    (calendar, ""),
    (library, "/library"),
    (mydata, ""),
    (signals, "/my-data"),
    (notices, ""),
    (governance, ""),
    (editing, ""),
    (duplicates, "/curate/duplicates"),
    (care, ""),
    (links, "/curate/links"),
    (tending, ""),
    (admin, "/admin"),
    (identity, "/admin"),
    (audit, "/admin"),
    (tools, ""),
)
LISTENERS = (
    (events.item_completed, playlist_service.on_item_completed),
    (events.item_completed, twins.on_item_completed),
    (events.item_launched, playlist_service.on_item_launched),
    (events.item_reopened, playlist_service.on_item_reopened),
    (events.item_reopened, twins.on_item_reopened),
    (events.person_changed, playlist_rules.on_person_changed),
    (events.items_stirred, care_tending.on_items_stirred),
    (events.access_refused, refusals.on_access_refused),
    (events.too_many, refusals.on_too_many),
)


def connect_listeners() -> None:
    """Let the rooms hear what happens below them; calling it again changes nothing."""
    for signal, listener in LISTENERS:
        signal.connect(listener)


def create_app(config: Config | None = None, environ: Mapping[str, str] = os.environ) -> Flask:
    """Make an application with these settings, or with those of the environment."""
    config = config or Config.from_env(environ)
    request_log.configure(config.log_level, config.log_format)
    app = Flask(
        __name__,
        root_path=str(_ROOT / "app"),
        template_folder=str(_ROOT / "templates"),
        static_folder=str(_ROOT / "static"),
    )
    app.debug = False  # Flask would read FLASK_DEBUG (ASVS 5.0, 13.4.2)
    app.secret_key = config.secret_key
    connect_listeners()
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    _install(app, config)
    for blueprint, prefix in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=prefix or None)
    if config.demo:
        app.register_blueprint(sample.bp)
    if config.trusted_proxies:
        count = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app


def _install(app: Flask, config: Config) -> None:
    """Install what every request passes through, in that order."""
    request_log.init_app(app)
    errors.init_app(app)
    parts = unit_of_work.Resources(config, Database(config.database_url))
    unit_of_work.init_app(app, parts)
    app.extensions[jobs.EXTENSION] = queue = jobs.Jobs(config)
    parts.after_commit.append(queue.after_commit)
    index = SearchIndex(config.index_dir, config.search_engine, config.semantic_dir)
    app.extensions[SEARCH_INDEX] = index
    remember_live(app)
    parts.checks |= {
        "database": lambda: migrations.is_current(parts.database.engine),
        "index": index.ready,
    }
    app.extensions[shelf.EXTENSION] = room = Room(config.models_dir)
    parts.after_commit.append(room.experiments.after_commit)
    instead.offer(app, shelf.alike)
    assets.init_app(app)
    security.init_app(app, config)
    login.init_app(app)
    i18n.init_app(app)
    htmx.init_app(app)
    templating.init_app(app)
    limits.init_app(app, config)
    guard.init_app(app)
    trail.init_app(app)
    refusals.init_app(app)
    launches.offer(app, {"lti": launch_by_lti})
    ways.offer(app, (provider_way.WAY, sample.WAY) if config.demo else (provider_way.WAY,))
