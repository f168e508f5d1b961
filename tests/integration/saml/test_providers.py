"""Identity providers as rows: adding, replacing, refreshing, running out."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import jobs
from app.config import Config
from app.errors import Invalid, Unavailable, Wording
from app.models import AuditEntry, IdentityProvider
from app.saml import providers, refresh
from tests.support import idp_metadata as idp
from tests.support.emptying import empty
from tests.support.factories import NOW
from tests.support.idp_metadata import ENTITY, SSO, entity, role, signed
from tests.support.saml.keys import key_pair
from tests.support.sites import HERE, Site

OLD, NEXT = key_pair("idp"), key_pair("next")
URL = "https://idp.example.org/metadata.xml"


def rolled_over(**how):
    return entity(role(keys=[idp.key(OLD.der), idp.key(NEXT.der)]), **how)


def add(session, xml=None, **values):
    return providers.add_provider(
        session, **{"name": "Acme", "xml": xml or entity(), "now": NOW} | values
    )


def refreshed(session, provider, answer, *, now=NOW, **how):
    def fetch(url):
        if isinstance(answer, Exception):
            raise answer
        return answer.encode()

    return refresh.refresh(session, provider, fetch, now=now, **how)


def refusal(call, *args, **how):
    with pytest.raises(Invalid) as caught:
        call(*args, **how)
    return caught.value.fields


@pytest.fixture
def acme(session):
    return add(session, metadata_url=URL, email_domains=["example.org"])


def test_it_adds_a_provider_switched_off_and_usable(session, acme):
    second = add(session, idp.okta())
    assert (acme.slug, acme.entity_id, acme.enabled) == ("acme", ENTITY, False)
    assert (acme.email_domains, acme.metadata_kept_at) == (["example.org"], NOW)
    assert providers.is_usable(acme, NOW)
    assert (second.slug, second.position) == ("acme-2", acme.position + 1)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Größe & Söhne", "grosse-and-sohne"),
        ("日本", "provider"),
        ("x" * 90, "x" * 40),
        ("../acs?", "acs"),
    ],
)
def test_it_makes_slugs_of_plain_letters(session, name, slug):
    assert add(session, name=name).slug == slug


def test_it_keeps_slugs_apart_however_long(session):
    made = [add(session, entity(entity_id=f"https://{n}"), name="x" * 90).slug for n in range(3)]
    assert len(set(made)) == 3
    assert all(len(slug) <= 40 for slug in made)


def test_it_adds_no_entity_id_twice(session, acme):
    assert "already" in refusal(add, session, name="Other")["metadata"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"xml": "hello"}, "metadata"),
        ({"metadata_url": "http://idp.example.org/"}, "metadata_url"),
        ({"metadata_url": "https://user@idp.example.org/"}, "metadata_url"),
        ({"metadata_signer": "hello"}, "metadata_signer"),
        ({"metadata_signer": OLD.certificate}, "metadata"),
        ({"entity_id": "https://other.example.org"}, "metadata"),
    ],
)
def test_it_names_the_field_that_is_wrong(session, values, field):
    assert list(refusal(add, session, **values)) == [field]
    assert session.scalar(select(IdentityProvider)) is None


def test_it_takes_newer_metadata_and_says_what_changed(session, acme):
    xml = entity(role(keys=[idp.key(NEXT.der)], sso=f"{SSO}/new"))
    changes = providers.replace_metadata(session, acme, xml, now=NOW)
    assert changes.details() == {
        "keys_added": [NEXT.fingerprint],
        "keys_removed": [OLD.fingerprint],
        "addresses": {"sso_redirect": [SSO, f"{SSO}/new"]},
    }
    assert providers.current(acme, now=NOW).fingerprints == (NEXT.fingerprint,)


def test_it_says_that_nothing_changed(session, acme):
    assert not providers.replace_metadata(session, acme, entity().encode(), now=NOW)


def test_it_refuses_metadata_of_another_provider(session, acme):
    other = entity(entity_id="https://evil.test")
    said = refusal(providers.replace_metadata, session, acme, other, now=NOW)["metadata"]
    assert "describes https://evil.test, and not" in said
    assert acme.metadata_xml == entity()


def test_it_goes_through_a_rollover(session, acme):
    both = refreshed(session, acme, rolled_over())
    only = refreshed(session, acme, entity(role(keys=[idp.key(NEXT.der)])))
    assert [one.fingerprint for one in both.keys_added] == [NEXT.fingerprint]
    assert [one.fingerprint for one in only.keys_removed] == [OLD.fingerprint]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Unavailable("idp.example.org", "did not answer in time"), "did not answer in time"),
        ("<html>Maintenance</html>", "not SAML 2.0 metadata"),
        (entity(entity_id="https://evil.test"), "and not https://idp.example.org"),
        (entity(attributes='validUntil="2026-11-12T08:00:00Z"'), "valid until"),
    ],
)
def test_it_keeps_the_last_good_copy_whatever_goes_wrong(session, acme, answer, said):
    later = NOW + timedelta(days=1)
    assert refreshed(session, acme, answer, now=later) is None
    assert said in acme.metadata_problem
    assert (acme.metadata_checked_at, acme.metadata_kept_at) == (later, NOW)
    assert acme.metadata_xml == entity()
    assert providers.is_usable(acme, later)


def test_it_forgets_the_problem_once_all_is_well(session, acme):
    refreshed(session, acme, "hello")
    refreshed(session, acme, entity())
    assert acme.metadata_problem == ""


def test_it_cuts_a_problem_that_is_too_long_to_keep(session, acme):
    refreshed(session, acme, Unavailable("x" * 900))
    assert len(acme.metadata_problem) == 500


def test_it_believes_new_keys_only_if_signed_when_a_signer_is_pinned(session):
    signer = key_pair("signer").certificate
    provider = add(session, signed(entity()), metadata_url=URL, metadata_signer=signer)
    assert refreshed(session, provider, rolled_over()) is None
    assert "is not signed" in provider.metadata_problem
    assert refreshed(session, provider, signed(rolled_over())).keys_added


def test_it_believes_no_new_key_over_plain_http(session):
    hosts = ["idp.corp"]
    provider = add(session, metadata_url="http://idp.corp/", private_hosts=hosts)
    assert refreshed(session, provider, rolled_over(), private_hosts=hosts) is None
    assert "not believed over plain http" in provider.metadata_problem
    assert refreshed(session, provider, entity(), private_hosts=hosts) is not None
    assert providers.current(provider, now=NOW).fingerprints == (OLD.fingerprint,)


def test_it_believes_a_signed_new_key_over_plain_http(session):
    how = {"private_hosts": ["idp.corp"]}
    signer = key_pair("signer").certificate
    http = {"metadata_url": "http://idp.corp/", "metadata_signer": signer}
    provider = add(session, signed(entity()), **http, **how)
    assert refreshed(session, provider, signed(rolled_over()), **how).keys_added


def test_it_is_not_usable_once_its_metadata_has_run_out(session, acme):
    refreshed(session, acme, entity(attributes='validUntil="2026-11-13T09:00:00Z"'))
    assert providers.is_usable(acme, NOW + timedelta(hours=23))
    assert not providers.is_usable(acme, NOW + timedelta(hours=24))
    assert "no longer valid" in providers.unusable(acme, NOW + timedelta(hours=24))
    assert providers.current(acme, now=NOW + timedelta(hours=25)).entity_id == ENTITY


@pytest.mark.parametrize(
    ("attributes", "waits"),
    [
        ("", 24),
        ('cacheDuration="PT1M"', 1),
        ('cacheDuration="PT6H"', 6),
        ('cacheDuration="P1Y"', 24),
        ('validUntil="2026-11-12T20:00:00Z" cacheDuration="PT6H"', 1),
    ],
)
def test_it_is_due_as_often_as_the_provider_says_within_bounds(session, acme, attributes, waits):
    refreshed(session, acme, entity(attributes=attributes))
    early, late = timedelta(hours=waits, minutes=-10), timedelta(hours=waits, minutes=-1)
    assert not refresh.is_due(acme, now=NOW + early)
    assert refresh.is_due(acme, now=NOW + late)


def test_it_is_due_every_hour_after_a_failure_and_never_without_an_address(session, acme):
    refreshed(session, acme, "hello")
    assert refresh.is_due(acme, now=NOW + timedelta(hours=1))
    acme.metadata_url = ""
    assert not refresh.is_due(acme, now=NOW + timedelta(days=9))


# Over the network, into the database


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def stored(database):
    """Return each kind of database in turn, whose rows are committed and then taken away."""
    yield database
    empty(database)


def published(database, site, path, **values):
    """Add a provider whose metadata stands on the site, last looked at two days ago."""
    values = {"xml": entity(entity_id=f"https://{path}"), "name": path} | values
    with database.transaction() as session:
        row = add(session, metadata_url=site.url(f"/{path}", "localhost"), **values, **HOSTS)
        row.metadata_checked_at = NOW - timedelta(days=2)


HOSTS = {"private_hosts": ["localhost"]}


def all_refreshed(database, now=NOW):
    """Refresh what is due; return the providers by name and the new audit entries."""
    with database.transaction() as session:
        before = session.scalars(select(AuditEntry.number)).all()
    refresh.refresh_due(database, ["localhost"], now=now)
    with database.transaction() as session:
        rows = {row.name: row for row in session.scalars(select(IdentityProvider))}
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.number.not_in(before)).order_by(AuditEntry.number)
        ).all()
    return rows, entries


def test_it_refreshes_all_that_are_due_and_one_that_fails_stops_no_other(stored, site):
    for name in ("broken", "good", "missing", "signed"):
        published(stored, site, name)
    site.says("/broken", b"hello")
    site.says("/good", entity(entity_id="https://good", attributes='cacheDuration="P1D"').encode())
    site.says("/signed", entity(role(sso=f"{SSO}/new"), entity_id="https://signed").encode())
    rows, entries = all_refreshed(stored)
    assert "not XML" in rows["broken"].metadata_problem
    assert "status 404" in rows["missing"].metadata_problem
    assert rows["good"].metadata_problem == rows["signed"].metadata_problem == ""
    assert rows["good"].metadata_kept_at == NOW
    assert sorted((entry.action, entry.subject, entry.outcome) for entry in entries) == [
        ("saml.metadata_changed", "signed", "done"),
        ("saml.metadata_refused", "broken", "refused"),
        ("saml.metadata_refused", "missing", "refused"),
    ]
    assert {entry.actor for entry in entries} == {"the hourly refresh"}


def test_it_writes_a_new_signing_key_into_the_audit_log(stored, site):
    signer = key_pair("signer").certificate
    first, then = (signed(one) for one in (entity(), rolled_over()))
    published(stored, site, "acme", xml=first, metadata_signer=signer)
    site.says("/acme", then.encode())
    _rows, entries = all_refreshed(stored)
    assert [entry.action for entry in entries] == ["saml.metadata_changed", "saml.new_signing_key"]
    assert entries[1].details["fingerprint"] == NEXT.fingerprint


def test_it_writes_the_same_problem_into_the_audit_log_once(stored, site):
    published(stored, site, "acme")
    assert len(all_refreshed(stored)[1]) == 1
    assert all_refreshed(stored, NOW + timedelta(hours=1))[1] == []
    assert len(site.requests) == 2


def test_it_leaves_alone_what_is_not_due(stored, site):
    published(stored, site, "acme")
    with stored.transaction() as session:
        session.scalars(select(IdentityProvider)).one().metadata_checked_at = NOW
    all_refreshed(stored, NOW + timedelta(hours=2))
    assert site.requests == []


def test_it_follows_redirects_on_the_same_host_only(site):
    site.redirects("/old", "/new")
    site.redirects("/away", site.url("/new", "127.0.0.1"))
    site.says("/new", b"<x/>")
    hosts = ["localhost", "127.0.0.1"]
    assert refresh.fetch_metadata(site.url("/old", "localhost"), hosts) == b"<x/>"
    url = site.url("/away", "localhost")
    assert (
        "leads to another host, 127.0.0.1"
        in refusal(refresh.fetch_metadata, url, hosts)["metadata_url"]
    )


def test_it_runs_as_a_job_with_the_hosts_of_the_settings(stored, site, tmp_path):
    published(stored, site, "acme", xml=entity())
    site.says("/acme", entity(role(sso=f"{SSO}/new")).encode())
    environ = {"FOYER_DATA_DIR": str(tmp_path), "FOYER_PRIVATE_HOSTS": "LocalHost"}
    parts = jobs.Parts(Config.from_env(environ), stored, None, None, None)
    jobs.refresh_identity_providers(parts)
    with stored.transaction() as session:
        row = session.scalars(select(IdentityProvider)).one()
    assert providers.current(row, now=NOW).sso_redirect == f"{SSO}/new"


def test_it_fetches_nothing_from_a_private_address_that_is_not_listed(site):
    url = f"https://127.0.0.1:{site.port}/"
    assert "could not be fetched" in refusal(refresh.fetch_metadata, url)["metadata_url"]
    assert refusal(refresh.fetch_metadata, site.url("/", HERE))["metadata_url"]
    assert site.requests == []


def test_it_keeps_a_problem_as_a_sentence_for_every_language(session, acme):
    refreshed(session, acme, Unavailable("idp.example.org", Wording("it did not answer in time")))
    session.expire(acme)
    kept = acme.metadata_problem
    assert (kept.template, kept.values["source"]) == ("%(source)s: %(why)s", "idp.example.org")
    assert kept.values["why"].template == "it did not answer in time"
