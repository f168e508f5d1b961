"""axe-core on every page, light and dark, wide and narrow: it finds nothing."""

from datetime import timedelta

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from app import clock
from app.catalogue import clusters
from app.models import (
    Connection,
    HarvestProblem,
    HarvestRun,
    IdentityProvider,
    Item,
    ItemPresence,
    ScimClient,
    ScimToken,
    SignInRecord,
    Tool,
    ToolAccount,
    audience_of,
)
from tests.support.idp_metadata import ENTITY, entity, role

PAGES = {
    "newcomer": [
        "/",
        "/for-you",
        "/for-you?minutes=10",
        "/why",
        "/playlists",
        "/playlists/first-five-weeks",
        "/playlists/first-five-weeks?moved=first-five-weeks&was=3:",
        "/calendar",
        "/away",
        "/notices",
        "/notices/choices",
        "/suggestions",
        "/certificates?number=1-AAAAA-BBBBB",
        "/settings",
        "/my-data",
        "/my-data/shown",
    ],
    "engineer": [
        "/discover",
        "/discover?q=circuit&kind=simulation",
        "/discover?q=xyzzyqwfp",
        "/discover?q=weldng+safty",
        "/suggest?q=data",
        "/my-data/signals",
        "/my-data/signals/delete",
    ],
    "German analyst": [
        "/role",
        "/roles",
        "/library",
        "/library/history",
        "/library/searches",
        "/searches/recent",
        "/people/1",
        "/items/1",
        "/items/1/report",
        "/items/1/why",
        "/playlists/from-spreadsheet-to-sql/certificate",
    ],
    "curator": [
        "/curate/playlists",
        "/curate/playlists/new",
        "/curate/playlists/first-month-in-the-field",
        "/curate/playlists/first-month-in-the-field/versions/1",
        "/curate/playlists/first-month-in-the-field/people?q=le",
        "/curate/playlists/first-month-in-the-field/rules/new?role=1",
        "/curate/playlists/from-spreadsheet-to-sql/draft",
        "/curate/playlists/from-spreadsheet-to-sql/draft/items?week=2&q=data",
        "/curate/playlists/from-spreadsheet-to-sql/draft/steps/new/meet?week=2",
        "/curate/playlists/from-spreadsheet-to-sql/draft/steps/new/event?week=2",
        "/curate/playlists/from-spreadsheet-to-sql/draft/publish",
        "/curate/playlists/first-five-weeks/cohort",
        "/curate",
        "/curate/readers",
        "/items/1/why",
        "/why?item=the",
    ],
    "admin": ["/admin", "/admin/people", "/nowhere"],
}
AXE = 'axe.run({resultTypes: ["violations"]}).then(answer => answer.violations)'
WIDTHS = [1360, 390]


@pytest.fixture(params=["light", "dark"])
def page(request, open_browser):
    """Return a page in light and in dark; both widths are looked at without loading it again."""
    return open_browser(scheme=request.param)


def found_by_axe(page):
    """Return axe's findings on a page at every width, as readable lines."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found += [
            f"{page.url}, {width} px: {one['id']}: {one['nodes'][0]['html'][:120]}"
            for one in page.evaluate(AXE)
        ]
    return found


def found_at(page, addresses):
    """Return axe's findings at these addresses."""
    found = []
    for address in addresses:
        page.goto(address)
        found += found_by_axe(page)
    return found


@pytest.mark.parametrize("who", PAGES)
def test_it_has_nothing_for_axe_to_find(page, sign_in, who):
    assert found_at(sign_in(page, who), PAGES[who]) == []


def test_it_has_nothing_for_axe_to_find_before_sign_in(page):
    assert found_at(page, ["/sign-in"]) == []


def test_it_has_nothing_for_axe_to_find_where_curators_work(page, sign_in):
    sign_in(page, "curator")
    page.goto("/curate")
    edit = page.locator("main a[href^='/curate/roles/']").first.get_attribute("href")
    found = found_at(page, [edit])
    pin = page.locator("a[href*='pin_to=']").first.get_attribute("href")
    assert found + found_at(page, [pin]) == []


LOOKED_AFTER = [
    *[
        f"/curate/roles/field-engineer{page}"
        for page in (
            "",
            "/preview",
            "/preview?as=role:designer&who=le",
            "/suggestions",
            "/publish",
            "/history",
            "/history/2",
            "/curators",
        )
    ],
    "/curate/review?whose=all",
    "/curate/care/rules",
    "/curate/care/rules/new?tool=&kind=event&review=12&sunset=6",
    "/curate/tools/report",
    "/curate/tools/open-library/report",
    "/curate/links",
    "/curate/links/1",
    "/curate/items/1",
    "/curate/items/1/care",
    "/curate/items/1/retire",
    "/curate/pin",
    "/curate/pin?item=1",
    "/curate/bookmarklet",
]


def test_it_has_nothing_for_axe_to_find_where_pages_and_items_are_looked_after(page, sign_in):
    sign_in(page, "curator")
    found = []
    for address in LOOKED_AFTER:
        assert page.goto(address).ok, address
        found += found_by_axe(page)
    page.goto(LOOKED_AFTER[0])
    dates = page.locator(".pin-settings a").first.get_attribute("href")
    assert found + found_at(page, [dates]) == []


def test_it_has_nothing_for_axe_to_find_in_a_playlist(page, sign_in):
    sign_in(page, "newcomer")
    assert found_at(page, [page.locator(".progress h2 a").get_attribute("href")]) == []


CONNECTED = [
    "/admin/providers",
    "/admin/providers/add/saml",
    "/admin/providers/add/oidc",
    "/admin/providers/looked-at",
    "/admin/providers/looked-at/edit",
    "/admin/providers/looked-at/metadata",
    "/admin/providers/looked-at/mapping",
    "/admin/providers/looked-at-too",
    "/admin/scim",
    "/admin/scim/looked-at",
    "/admin/scim/looked-at/mapping",
    "/admin/audit",
    "/admin/people/1",
    "/settings/sessions",
    "/sign-in/prove?next=/admin",
]
OUTSIDE = ["/sign-in?stay=1", "/signed-out", "/sign-in/link/unknown", "/saml/looked-at/acs"]
RECEIVED = {"mail": ["ada@example.org"], "groups": ["Curators", "Staff"], "shoe size": ["38"]}


@pytest.fixture(scope="module")
def connected(database):
    """Connect a provider of each protocol and a directory; return the ids of two sign-ins."""
    now = clock.now()
    stamps = {"created_at": now, "updated_at": now, "email_domains": ["example.org"]}
    rules = [{"field": "groups", "value": "Curators", "gives": "access", "name": "curator"}]
    saml = IdentityProvider(
        slug="looked-at",
        name="Looked at",
        protocol="saml",
        entity_id=ENTITY,
        enabled=True,
        metadata_xml=entity(role()),
        metadata_url="https://idp.example.org/metadata",
        metadata_problem="The address answered 503.",
        mapping={"rules": rules * 12},
        **stamps,
    )
    oidc = IdentityProvider(
        slug="looked-at-too", name="Too", protocol="oidc", entity_id="https://op.example", **stamps
    )
    token = {"created_at": now, "scopes": ["read", "users"], "hint": "abcdef"}
    tokens = [
        ScimToken(token_hash="a" * 64, expires_at=now + timedelta(days=9), **token),
        ScimToken(token_hash="b" * 64, expires_at=now - timedelta(days=9), **token),
        ScimToken(token_hash="c" * 64, expires_at=now, revoked_at=now, **token),
    ]
    client = ScimClient(slug="looked-at", name="Looked at", created_at=now, tokens=tokens)
    with database.sessions() as session:
        session.add_all([saml, oidc, client])
        session.flush()
        known = {"provider_id": saml.id, "at": now, "purpose": "test", "received": RECEIVED}
        records = [
            SignInRecord(accepted=True, subject="ada", made={"fields": {"name": "Ada"}}, **known),
            SignInRecord(accepted=False, subject="eve", reason="the signature is wrong", **known),
        ]
        session.add_all(records)
        session.commit()
        yield [record.id for record in records]
        for row in (saml, oidc, client):
            session.delete(row)
        session.commit()


def test_it_has_nothing_for_axe_to_find_where_systems_are_connected(page, sign_in, connected):
    sign_in(page, "admin")
    found = []
    for address in [*CONNECTED, *[f"/admin/providers/looked-at/sign-ins/{n}" for n in connected]]:
        assert page.goto(address).ok
        found += found_by_axe(page)
    assert found == []


def test_it_has_nothing_for_axe_to_find_in_what_forms_answer(page, sign_in, connected):
    sign_in(page, "admin")
    page.goto("/admin/scim/looked-at")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_role("heading", name="The new token").wait_for()
    found = found_by_axe(page)
    page.goto("/admin/providers/looked-at/mapping")
    page.get_by_label("Rule 1: name").fill("emperor")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("heading", name="Please check these").wait_for()
    found += found_by_axe(page)
    page.goto("/admin/providers/looked-at/metadata")
    page.get_by_label("Metadata, pasted").fill("<nothing/>")
    page.get_by_role("button", name="Replace").click()
    page.get_by_role("heading", name="Please check these").wait_for()
    assert found + found_by_axe(page) == []


def test_it_has_nothing_for_axe_to_find_outside(page, connected):
    assert found_at(page, OUTSIDE) == []


@pytest.fixture(scope="module")
def doubled(database):
    """Put one thing into two tools, and another that was told apart from it; return their ids."""
    now = clock.now()
    with database.sessions() as session:
        first, second = session.query(Tool).order_by(Tool.id).limit(2)
        shared = {"kind": "course", "title": "Working at heights", "content_hash": "0"}
        shared |= {"audience_id": audience_of(session).id, "created_at": now, "updated_at": now}
        urls = [f"https://provider.example.org/course/{name}" for name in ("5", "5", "6")]
        tools = [first.id, second.id, second.id]
        items = [
            Item(tool_id=tool, url=url, external_id=f"looked-at-{n}", **shared)
            for n, (tool, url) in enumerate(zip(tools, urls, strict=True))
        ]
        session.add_all(items)
        session.flush()
        ids = [item.id for item in items]
        clusters.catch_up(session)
        clusters.decide(session, ids[0], ids[2], clusters.DIFFERENT, by=None, now=now)
        session.commit()
        yield ids
        for item in items:
            session.delete(item)
        session.commit()


def test_it_has_nothing_for_axe_to_find_where_duplicates_are(page, sign_in, doubled):
    one, _, other = doubled
    pages = ["", "?q=nothing+like+it", "/apart", f"/items/{one}/merge?q={other}"]
    sign_in(page, "curator")
    found = found_at(page, [f"/curate/duplicates{each}" for each in pages])
    assert found + found_at(page, [f"/items/{one}"]) == []


def test_a_curator_splits_and_merges_without_script(open_browser, sign_in, doubled):
    page = sign_in(open_browser(javascript=False), "curator")
    page.goto("/curate/duplicates?q=heights")
    page.get_by_role("button", name="This is different").first.click()
    page.get_by_text("Done: they are kept apart").wait_for()
    page.goto("/curate/duplicates/apart")
    page.get_by_role("link", name="Look at both").first.click()
    page.get_by_role("button", name="It is the same").first.click()
    page.get_by_text("Done: they count as one").wait_for()


TOOLS = [
    "/admin/tools",
    "/curate/tools",
    "/admin/add-tool",
    "/admin/add-tool/wordpress",
    "/admin/ecosystem",
    *[f"/admin/tools/looked-at{page}" for page in ("", "/mapping", "/people", "/settings")],
    "/admin/tools/looked-at/remove",
    "/admin/tools/read-now",
]
PROBES = [
    {"what": "Posts and pages", "why": "", "ok": True, "needed": True},
    {"what": "Hidden posts", "why": "The password is refused.", "ok": False, "needed": True},
    {"what": "Search", "why": "It is switched off there.", "ok": False, "needed": False},
]
RAW = {"id": 7, "title": {"rendered": "Pump seals"}, "status": "publish", "url": "https://a.test"}
SAMPLES = {
    "new": [{"name": "Pump seals", "differences": []}],
    "changed": [
        {
            "name": "Valves",
            "differences": [{"field": "title", "before": "Valve", "after": "Valves"}],
        }
    ],
    "failed": [{"name": "post-9", "problems": [{"field": "url", "reason": "It has no address."}]}],
}


@pytest.fixture(scope="module")
def looked_at(database):
    """Connect a tool with everything a page can show, and one that is being read; name readings."""
    now = clock.now()
    with database.sessions() as session:
        tools = [Tool(slug=slug, name=slug.capitalize()) for slug in ("looked-at", "read-now")]
        session.add_all(tools)
        session.flush()
        known = {"kind": "wordpress", "created_at": now, "settings": {"address": "https://a.test"}}
        rich, busy = (Connection(tool_id=tool.id, **known) for tool in tools)
        rich.checked_at, rich.probes = now, PROBES
        rich.sample = [{"external_id": "7", "raw": RAW}]
        rich.last_error, rich.last_error_kind = "The password is refused.", "auth_invalid"
        rich.last_ok_at, rich.unknown_words = now, [["level", "Einsteiger", 3]]
        busy.running_until = now + timedelta(hours=1)
        session.add_all([rich, busy])
        session.flush()
        times = {"started_at": now, "seen_at": now}
        trial = HarvestRun(
            connection_id=rich.id, mode="sweep", dry=True, state="done", samples=SAMPLES, **times
        )
        failed = HarvestRun(
            connection_id=rich.id, mode="delta", state="failed", error="Refused.", **times
        )
        under_way = HarvestRun(connection_id=busy.id, mode="sweep", counts={"new": 20}, **times)
        held = Item(
            tool_id=tools[0].id,
            external_id="held",
            kind="article",
            title="Held back",
            url="https://a.test/held",
            audience_id=audience_of(session).id,
            content_hash="0",
            created_at=now,
            updated_at=now,
        )
        account = ToolAccount(connection_id=rich.id, name="ada.byron", statements=3, seen_at=now)
        session.add_all([trial, failed, under_way, held, account])
        session.flush()
        session.add(ItemPresence(item_id=held.id, presence="gone", held=True, since=now))
        session.add(HarvestProblem(run_id=failed.id, what="post-9", field="url", reason="Broken."))
        session.commit()
        yield [f"/admin/tools/looked-at/runs/{run.id}" for run in (trial, failed)]
        session.query(ItemPresence).filter_by(item_id=held.id).delete()
        for row in (held, rich, busy):
            session.delete(row)
        session.flush()
        for tool in tools:
            session.delete(tool)
        session.commit()


def test_it_has_nothing_for_axe_to_find_where_tools_are_connected(page, sign_in, looked_at):
    sign_in(page, "admin")
    found = []
    for address in [*TOOLS, *looked_at]:
        assert page.goto(address).ok, address
        found += found_by_axe(page)
    assert found == []
