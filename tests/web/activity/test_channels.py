"""From a chat tool to its channel: harvested, found, and opened in the browser or the app."""

import pytest

from app.harvest.reaching import Parts
from app.harvest.running import run
from app.models import Activity, Connection
from app.vault import Vault
from tests.support.factories import NOW
from tests.support.tools.matrix import FakeMatrix
from tests.support.tools.mattermost import FakeMattermost
from tests.support.tools.slack import FakeSlack
from tests.support.tools.teams import FakeTeams
from tests.support.tools.world import CANARY

APPS = {
    FakeMatrix: ("Matrix", "https://matrix.to/#/!room1", "matrix:roomid/room1:"),
    FakeMattermost: ("Mattermost", "https://chat.test/service/", "mattermost://chat.test/service/"),
    FakeSlack: (
        "Slack",
        "https://acme.slack.com/archives/C",
        "slack://channel?team=T061EG9R6&id=C",
    ),
    FakeTeams: ("Microsoft Teams", "https://teams.microsoft.com/l/", "msteams:/l/channel/"),
}


@pytest.fixture(params=APPS, ids=lambda kind: kind.kind)
def fake(request):
    """Return each chat tool with one channel."""
    fake = request.param()
    fake.add("pumps-and-valves")
    return fake


@pytest.fixture
def channel(fake, app, make, session, index_now):
    """Harvest the tool; return the address of the search for channels."""
    vault, settings = Vault("for tests"), fake.settings()
    secrets = {name: vault.seal(value) for name, value in settings.items() if value == CANARY}
    row = Connection(
        tool=make.tool(fake.kind, "Our chat", kind="chat"),
        kind=fake.kind,
        settings={name: value for name, value in settings.items() if name not in secrets},
        secrets=secrets,
        enabled=True,
        created_at=NOW,
    )
    session.add(row)
    session.commit()
    database = app.extensions["foyer"].database
    parts = Parts(database, vault, now=lambda: NOW, make_http=lambda *_: fake.http())
    assert run(parts, row.id).state == "done"
    index_now()
    return "/discover?kind=channel&q=pumps"


def test_a_channel_is_found_and_opened(fake, channel, as_employee, session):
    app_name, web, app_address = APPS[type(fake)]
    found = as_employee.get(channel)
    assert "1 result for “pumps”" in found.words
    [item] = {link for link in found.links() if link.startswith("/items/")}
    page = as_employee.get(item)
    assert f"Open in the {app_name} app" in page.texts("a")
    [in_app] = [link for link in page.links() if link.endswith("in=app")]
    assert as_employee.get(in_app).location.startswith(app_address)
    assert as_employee.get(in_app.partition("?")[0]).location.startswith(web)
    assert session.query(Activity).filter_by(verb="launched").count() == 2
