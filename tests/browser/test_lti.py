"""Launches and picking in a real browser, with portal and tool on different sites.

The portal is on 127.0.0.1 and the lab on a name under localhost, so that the browser applies its
rules for cookies and forms between sites. The lab is PyLTI1p3's.
"""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from app import clock
from app.lti.claims import LTI
from app.models import Connection, Item, Kind, Tool, audience_of
from tests.support.lti_tool import Lab, serving

AXE = 'axe.run({resultTypes: ["violations"]}).then(answer => answer.violations)'


@pytest.fixture(scope="module")
def lab(portal, database):
    """Return the lab on a site of its own, registered with the running portal."""
    with serving(Lab(), "lab.localhost") as lab, database.sessions() as session:
        tool = Tool(slug="lab", name="Lab", kind="simulation")
        session.add(tool)
        session.flush()
        lab.register(lab.connect(session, tool), portal.url)
        yield lab
        session.rollback()
        session.query(Item).filter_by(tool_id=tool.id).delete()
        session.query(Connection).filter_by(tool_id=tool.id).delete()
        session.delete(tool)
        session.commit()


@pytest.fixture(scope="module")
def simulation(lab, database):
    """Return the id of an item of the lab."""
    with database.sessions() as session:
        item = Item(
            tool_id=session.query(Tool).filter_by(slug="lab").one().id,
            external_id="pump",
            kind=Kind.SIMULATION.value,
            title="Pump start-up",
            url=f"{lab.url}/launch",
            audience_id=audience_of(session, ["everyone"]).id,
            content_hash="0" * 64,
            created_at=clock.now(),
            updated_at=clock.now(),
        )
        session.add(item)
        session.commit()
        return item.id


@pytest.mark.parametrize("javascript", [True, False])
def test_it_takes_an_employee_into_the_simulation(
    lab, simulation, open_browser, sign_in, javascript
):
    page = sign_in(open_browser(javascript=javascript), "engineer")
    page.goto(f"/go/{simulation}")
    if not javascript:
        page.get_by_role("button", name="Go on to Lab").click()
    page.get_by_role("heading", name="Simulation running").wait_for()
    assert urlsplit(page.url).netloc == urlsplit(lab.url).netloc
    assert lab.launches[-1][LTI + "resource_link"]["title"] == "Pump start-up"


@pytest.mark.parametrize("javascript", [True, False])
def test_it_lets_a_curator_pick_two_simulations(lab, open_browser, sign_in, portal, javascript):
    page = sign_in(open_browser(javascript=javascript), "curator")
    page.goto("/curate/lti/lab")
    page.get_by_role("link", name="Go to Lab").click()
    if not javascript:
        page.get_by_role("button", name="Go on to Lab").click()
    page.get_by_label("Pump start-up").check()
    page.get_by_label("Valve failure").check()
    page.get_by_role("button", name="Give them").click()
    if not javascript:
        return  # the lab's own last page sends itself, and has no button
    page.get_by_role("heading", name="Picked in Lab").wait_for()
    page.evaluate(AXE_SCRIPT)
    assert page.evaluate(AXE) == []
    assert page.url.startswith(portal.url)
    assert page.get_by_role("checkbox", checked=True).count() == 2
    page.get_by_role("button", name="Add to the catalogue").click()
    page.get_by_text("2 items are in the catalogue now.").wait_for()
    page.get_by_role("link", name="Valve failure").click()
    page.get_by_role("heading", name="Valve failure").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_for_everybody(lab, simulation, open_browser, sign_in, scheme):
    page = sign_in(open_browser(scheme=scheme), "admin")
    found = []
    for address in (
        "/admin/tools/lab/lti",
        "/admin/tools/lti/keys",
        "/curate/lti",
        "/curate/lti/lab",
    ):
        page.goto(address)
        page.evaluate(AXE_SCRIPT)
        for width in (1360, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{address} {width}: {one['id']}" for one in page.evaluate(AXE)]
            wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            assert not page.evaluate(wide), f"{address} scrolls sideways at {width}"
    assert found == []
