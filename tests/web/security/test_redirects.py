"""No address, form or header makes any route lead out of the house (ASVS 5.0, 3.7)."""

from urllib.parse import urljoin, urlsplit

HERE = "http://127.0.0.1:8000"
HOSTILE = (
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http:///evil.example",
    "javascript:alert(1)//evil.example",
    "data:text/html,evil.example",
    "/\x00/evil.example",
    "https://127.0.0.1:8000@evil.example/",
    "//evil.example\\@127.0.0.1:8000/",
    "/%2f/evil.example/../..//evil.example",
    ".evil.example",
    "evil.example",
)
NAMES = (
    "next", "url", "to", "back", "return", "return_to", "continue", "redirect", "redirect_uri",
    "RelayState", "post_logout_redirect_uri", "target_link_uri", "iss", "ticket", "state",
)  # fmt: skip
LEADING = ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url")
PROVIDERS = {"acme.idp.example.org", "127.0.0.1:1"}


def leads(answer):
    """Return the hosts, beside our own, that an answer sends a browser to."""
    headers = answer.headers
    refresh = headers.get("Refresh", "").partition("url=")[2]
    wanted = [
        headers.get(name) for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url")
    ]
    seen = [one.translate({9: None, 10: None, 13: None}) for one in [*wanted, refresh] if one]
    hosts = {urlsplit(urljoin(HERE, one.replace("\\", "/"))).netloc for one in seen}
    return hosts - {"127.0.0.1:8000"}


def test_it_follows_nothing_that_an_address_carries(portal):
    found = {}
    for who in (portal.visitor, portal.admin):
        for rule in portal.rules("GET"):
            for hostile in HOSTILE if rule.endpoint == "auth.sign_in" else HOSTILE[:2]:
                query = dict.fromkeys(NAMES, hostile)
                headers = {"Referer": "https://evil.example/", "X-Forwarded-Host": "evil.example"}
                answer = who.http.get(
                    portal.address(rule, "GET"), query_string=query, headers=headers
                )
                answer.close()
                found.setdefault(rule.endpoint, set()).update(leads(answer))
    outside = {endpoint: hosts for endpoint, hosts in found.items() if hosts}
    assert outside.pop("activity.go") == {"learn.example.org"}
    assert outside.pop("lti.pick") == {"lab.example.org"}
    assert set(outside) == {"saml.start", "oidc.start", "identity.try_out"}
    assert set().union(*outside.values()) <= PROVIDERS


def test_it_follows_nothing_that_a_form_carries(portal):
    led_somewhere = set()
    for rule in portal.rules("POST"):
        if rule.endpoint in {"scim.handle", "saml.acs", "saml.sls"}:
            continue
        for hostile in HOSTILE[:2]:
            form = {**dict.fromkeys(NAMES, hostile), "theme": "dark"}
            headers = {"Referer": "https://evil.example/"}
            page = portal.admin.post(portal.address(rule, "POST"), form, headers=headers)
            assert leads(page.response) == set(), (rule.endpoint, hostile)
            led_somewhere |= {rule.endpoint} if page.location else set()
    assert {"people.theme", "activity.save", "admin.train"} <= led_somewhere
