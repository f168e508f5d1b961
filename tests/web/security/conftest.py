"""One portal in which every room holds something, and an address in it for every route."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.auth import departures, pending
from app.auth import service as auth
from app.config import Config
from app.curation.content import PageContent, to_json
from app.models import (
    EVERYONE,
    Absence,
    Activity,
    AssignmentRule,
    CareRule,
    Connection,
    Experiment,
    HarvestRun,
    IdentityProvider,
    KeyState,
    LoginSession,
    LtiKey,
    LtiLaunch,
    Picture,
    ProblemReport,
    Purpose,
    RankingChoice,
    RecentSearch,
    RolePageVersion,
    SavedSearch,
    ScimClient,
    SearchWish,
    Section,
    SignInRecord,
    Step,
    StepKind,
    Suggestion,
    SynonymGroup,
)
from app.notices.digest import unsubscribe_token
from app.playlists import feeds, removals, steps, versions
from app.playlists.drafts import Author
from app.saml import keys
from app.scim import service as scim
from recommender.dataset import Dataset
from recommender.model import fit
from tests.support.pages import PageClient
from tests.support.saml.keys import key_pair
from tests.support.saml.provider import Provider

OTHERS_AFTER = {"auth.sign_out", "auth.end_session", "auth.one_time_link"}
_DAY = timedelta(days=1)
_ISSUER = "https://127.0.0.1:1"


@pytest.fixture
def config(sqlite, tmp_path):
    """Return settings that let Foyer fetch from the loopback, where nobody listens."""
    return Config.from_env(
        {
            "FOYER_DATA_DIR": str(tmp_path / "data"),
            "FOYER_SECRET_KEY": "for tests only",
            "FOYER_PRIVATE_HOSTS": "127.0.0.1",
            "FOYER_RATE_LIMITS": "0",
        }
    )


@pytest.fixture
def moment():
    """Return the moment at which this test happens: now, which python3-saml goes by."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def _at_a_fixed_time(monkeypatch, moment):
    """Let every page happen at that moment."""
    monkeypatch.setattr("app.clock.now", lambda: moment)


@pytest.fixture
def sign_in(app, session, moment):
    """Return a function that gives a client signed in as a person, rows committed."""

    def signed_in(person, **origin):
        token = auth.start_session(
            session,
            person,
            method="test",
            user_agent="test",
            lifetimes=auth.Lifetimes(idle=_DAY, longest=_DAY),
            now=moment,
            origin=auth.Origin(**origin),
        )
        session.commit()
        client = PageClient(app)
        with client.http.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return signed_in


@pytest.fixture
def provider(app, session, moment):
    """Return a SAML provider that may speak for example.org; the portal has its keys."""
    pair = key_pair("foyer", "Foyer")
    own = keys.KeyPair(certificate=pair.certificate, private_key=pair.key)
    keys.keep(session, app.extensions["foyer"].vault, own, KeyState.CURRENT, now=moment)
    provider = Provider(now=moment)
    provider.enrol(session)
    return provider


@pytest.fixture
def openid_provider(app, session, moment):
    """Return the row of an OpenID provider whose configuration is known and is not asked for."""
    row = IdentityProvider(
        slug="corp",
        name="Example Corp",
        protocol="oidc",
        entity_id=_ISSUER,
        enabled=True,
        email_domains=["example.org"],
        client_id="foyer",
        client_secret_sealed=app.extensions["foyer"].vault.seal("for tests only"),
        discovery={
            "metadata": {
                "issuer": _ISSUER,
                "authorization_endpoint": _ISSUER + "/authorize",
                "token_endpoint": _ISSUER + "/token",
                "end_session_endpoint": _ISSUER + "/end",
                "jwks_uri": _ISSUER + "/jwks",
            },
            "jwks": {"keys": []},
            "fetched_at": moment.isoformat(),
            "tried_at": moment.isoformat(),
        },
        created_at=moment,
        updated_at=moment,
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def scim_token(session, moment):
    """Return a SCIM token that may do everything."""
    client = scim.add_client(session, "Entra", now=moment)
    token = scim.issue_token(session, client, scopes=scim.Scope, life=_DAY, now=moment)
    session.commit()
    return token


class Portal:
    """A portal with something in every room: `values` stand in routes' places, `slugs` by room."""

    def __init__(self, app, values, slugs):
        self.app, self.values, self.slugs = app, values, slugs
        self.admin = self.employee = self.visitor = None

    def rules(self, method):
        """Return the rules that take the method, those after which somebody else reads last."""
        found = [rule for rule in self.app.url_map.iter_rules() if method in rule.methods]
        return sorted(found, key=lambda rule: rule.endpoint in OTHERS_AFTER)

    def address(self, rule, method):
        """Return an address of the rule that something is found at."""
        slug = next((one for room, one in self.slugs.items() if rule.rule.startswith(room)), "")
        values = {name: self.values.get(name, slug) for name in rule.arguments}
        return self.app.url_map.bind("localhost").build(rule.endpoint, values, method=method)


class CuratedPlaylist:
    """A playlist with a draft: the `key` of a step, what was `removed`, and the `rule_id` of one.

    The rule is switched off, so that looking at the portal gives nothing to anybody.
    """

    def __init__(self, session, playlist, role, curator, moment):
        author = Author(id=curator.id, tokens=EVERYONE, now=moment)
        session.query(Step).filter_by(playlist_id=playlist.id).one().key = "first"
        given = {"title": "Get a badge", "due_day": "2"}
        draft = versions.begin_draft(session, playlist.slug, author=author)
        task = steps.add_step(session, draft.slug, StepKind.TASK, given, author=author).step
        self.removed = removals.remove_step(session, draft.slug, task.key, author=author)
        self.key = "first"
        rule = AssignmentRule(slug=playlist.slug, role_id=role.id, enabled=False, made_at=moment)
        session.add(rule)
        session.flush()
        self.rule_id = rule.id


@pytest.fixture
def lab(make, session, moment):
    """Return an LTI tool, beside the tool that holds the items, and the portal's key for it."""
    make.tool("learn")
    tool, at = make.tool("lab", "Lab"), "https://lab.example.org"
    settings = {"address": at, "login_url": at, "target_link_uri": at, "redirect_uris": at}
    key = {"kty": "RSA", "kid": "now", "use": "sig", "alg": "RS256", "n": "0", "e": "AQAB"}
    made = {"created_at": moment}
    session.add_all(
        [
            Connection(tool_id=tool.id, kind="lti", settings=settings | {"jwks_url": at}, **made),
            LtiKey(kid="now", state="current", private_key="", public_jwk=key, **made),
        ]
    )
    session.flush()
    return tool


@pytest.fixture
def chat(app, make, session, moment):
    """Return a tool where people can connect their own accounts."""
    tool, vault = make.tool("chat"), app.extensions["foyer"].vault
    settings = {"address": "https://acme.slack.com", "accounts_client_id": "foyer"}
    session.add(
        Connection(
            tool_id=tool.id,
            kind="slack",
            settings=settings,
            secrets={name: vault.seal(name) for name in ("token", "accounts_client_secret")},
            enabled=True,
            created_at=moment,
        )
    )
    session.flush()
    return tool


PICTURE = "0" * 64


def picked_by(session, person, moment):
    """Return the name of what a curator has picked in the lab and not looked through."""
    connection = session.query(Connection).filter_by(kind="lti").one()
    row = LtiLaunch(
        hint_hash="1" * 64,
        connection_id=connection.id,
        person_id=person.id,
        data_hash="2" * 64,
        picked={"picks": [], "refused": [], "message": ""},
        expires_at=moment + _DAY,
    )
    session.add(row)
    session.flush()
    return row.data_hash


def kept_rule(session, moment):
    """Return the id of a rule of care."""
    rule = CareRule(review_months=12, made_at=moment)
    session.add(rule)
    session.flush()
    return rule.id


def kept_model(app, moment):
    """Return the name of a model that serves and is kept."""
    model = replace(fit(Dataset((), {}, (), 0.0)), trained_at=moment.timestamp())
    return app.extensions["foyer-recommender"].models.publish(model).name


@pytest.fixture
def portal(
    app, make, session, moment, sign_in, provider, openid_provider, scim_token, index_now, lab, chat
):
    """Return a portal with something in every room."""
    admin = make.person("Ada Byron", access="admin")
    role = make.role("engineer")
    employee = make.person("Amara Okafor", roles=[role], shares_expertise=True)
    item, playlist = make.item("Pumps"), make.playlist([make.item("Valves")])
    make.role_page(role)
    section = session.query(Section).one()
    pin = make.pin(section, item)
    kept = to_json(PageContent(title="Engineer"))
    session.add(RolePageVersion(role_id=role.id, number=1, content=kept, published_at=moment))
    make.assignment(playlist, employee)
    make.assignment(playlist, admin, finished_at=moment)
    [step] = session.query(Step).filter_by(playlist_id=playlist.id)
    curated = CuratedPlaylist(session, playlist, role, admin, moment)
    absence = Absence(person_id=admin.id, starts_on=moment.date(), ends_on=moment.date())
    report = ProblemReport(item_id=item.id, problem="other", reported_at=moment)
    saml_row = session.query(IdentityProvider).filter_by(slug=provider.slug).one()
    record = SignInRecord(
        provider_id=saml_row.id, at=moment, purpose=Purpose.TEST.value, accepted=True
    )
    connection_id = session.query(Connection).filter_by(kind="lti").one().id
    run = HarvestRun(connection_id=connection_id, mode="sweep", started_at=moment, seen_at=moment)
    group = SynonymGroup(words=["CoE", "centre of excellence"], changed_at=moment)
    choice = RankingChoice(boosts={"title": 0.4}, chosen_at=moment)
    saved = SavedSearch(
        person_id=employee.id,
        name="Pumps",
        arguments={"q": "pump"},
        saved_at=moment,
        looked_at=moment,
    )
    recent = RecentSearch(
        person_id=employee.id, text="pump", folded="pump", results=1, searched_at=moment
    )
    suggestion = Suggestion(
        url="https://127.0.0.1:1/pumps", by_id=employee.id, made_at=moment, answer=""
    )
    session.add(suggestion)
    wish = SearchWish(person_id=employee.id, text="pump", wished_at=moment)
    signal = Activity(person_id=employee.id, item_id=item.id, verb="launched", at=moment)
    experiment = Experiment(name="Mixed", a={}, b={}, started_at=moment)
    session.add_all(
        [absence, report, record, run, group, choice, saved, recent, wish, signal, experiment]
    )
    session.flush()
    assert saved.id == recent.id
    session.add(
        Picture(
            digest=PICTURE, media_type="image/webp", width=1, height=1, data=b"0", made_at=moment
        )
    )
    session.flush()
    item.picture = PICTURE
    session.flush()
    values = {
        "item_id": item.id,
        "person_id": employee.id,
        "section_id": section.id,
        "pin_id": pin.id,
        "step_id": step.id,
        "absence_id": absence.id,
        "feed_token": feeds.make(session, employee.id, now=moment),
        "report_id": report.id,
        "record_id": record.id,
        "recent_id": recent.id,
        "session_id": 1,
        "token_id": 1,
        "mail_token": unsubscribe_token(app.extensions["foyer"].config, employee.id),
        "token": auth.make_link(session, employee, now=moment),
        "filename": "css/base.css",
        "path": "Users",
        "connection_id": connection_id,
        "kind": "wordpress",
        "run_id": run.id,
        "group_id": group.id,
        "choice_id": choice.id,
        "search_id": saved.id,
        "wish_id": wish.id,
        "suggestion_id": suggestion.id,
        "care_rule_id": kept_rule(session, moment),
        "model_name": kept_model(app, moment),
        "experiment_id": experiment.id,
        "signal_id": signal.id,
        "digest": PICTURE,
        "form": "jsonl",
        "number": 1,
        "key": curated.key,
        "removal": curated.removed,
        "rule_id": curated.rule_id,
        "what": "task",
        "picked": picked_by(session, admin, moment),
    }
    slugs = {
        "/curate/lti": lab.slug,
        "/curate/tools": lab.slug,
        "/curate/playlists": playlist.slug,
        "/my-data": chat.slug,
        "/admin/tools": lab.slug,
        "/curate": role.slug,
        "/roles": role.slug,
        "/playlists": playlist.slug,
        "/saml": provider.slug,
        "/oidc": openid_provider.slug,
        "/admin/providers": provider.slug,
        "/admin/scim": session.query(ScimClient).one().slug,
    }
    index_now()
    found = Portal(app, values, slugs)
    found.admin, found.employee = sign_in(admin), sign_in(employee)
    found.visitor = PageClient(app)
    return found


@pytest.fixture
def leaving(session, provider, sign_in, make, moment):
    """Return the ticket of somebody who is signing out at the SAML provider too."""
    row = session.query(IdentityProvider).filter_by(slug=provider.slug).one()
    sign_in(make.person("Grace Hopper"), provider_id=row.id, subject="grace")
    open_session = session.query(LoginSession).filter_by(subject="grace").one()
    ticket, _provider = departures.begin(session, open_session.id, now=moment)
    session.commit()
    return ticket


@pytest.fixture
def way_in(app):
    """Return the name of the cookie that binds a browser to its sign-ins."""
    return pending.cookie_name(app.extensions["foyer"].config)
