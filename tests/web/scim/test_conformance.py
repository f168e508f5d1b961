"""Every check of scim2-tester, which nobody of us wrote, against the application itself."""

from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server


def test_it_passes_every_check_of_scim2_tester(app, config, entra):
    client = WSGISCIMClient(
        app,
        base_url=f"{config.base_url}/scim/v2",
        headers={"Authorization": f"Bearer {entra.token}"},
    )
    results = check_server(client)
    failed = [one for one in results if one.status is not Status.SUCCESS]
    assert not failed, "\n".join(f"{one.title} {one.status}: {one.reason}" for one in failed)
    assert len(results) >= 130
