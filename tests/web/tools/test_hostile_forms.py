"""What a malicious administrator or tool puts into the pages about tools, and what comes of it."""

import json
import time

import httpx
import pytest

from app.models import Connection, Tool
from tests.support.tools.world import CANARY
from tests.web.tools.conftest import FORM

SETTINGS = "/admin/tools/service-blog/settings"
KNOWN = FORM | {
    "position": "1",
    "minutes_between": "60",
    "days_between_sweeps": "7",
    "people_by": "",
}
ELSEWHERE = (
    "https://tool.test.",
    "https://tool.test.evil.test",
    "https://tool.test@evil.test",
    "https://tool.test:443@evil.test",
    "https://evil.test\\@tool.test",
    "https://evil.test#@tool.test",
    "https://evil.test?@tool.test",
    "https://tool.test\0.evil.test",
    "https://tool.test\t.evil.test",
    "https://tool.test:8443",
    "https://tool.test:0",
    "http://tool.test:443",
    "https://tool.test%2eevil.test",
    "https://tool.test%00.evil.test",
    "https://tool。test",
    "https://tool.tes\u212a",
    "https://[::ffff:127.0.0.1]",
    "https://2130706433",
    "//tool.test",
    "https:tool.test",
    "\u202ehttps://tool.test",
    "javascript://tool.test/%0aalert(1)",
)
SAME = (
    "https://tool\0.test",
    "https://TOOL.test",
    "HTTPS://tool.test/blog",
    " https://tool.test/ ",
)


def origin(address):
    url = httpx.URL(address)
    return url.scheme, url.host, url.port


@pytest.mark.parametrize("address", [*ELSEWHERE, *SAME])
def test_a_kept_secret_goes_to_no_other_host_however_it_is_written(
    as_admin, connected, session, address
):
    page = as_admin.post(SETTINGS, KNOWN | {"password": "", "address": address})
    session.expire_all()
    [kept] = session.query(Connection)
    assert origin(kept.settings["address"]) == origin(FORM["address"])
    assert page.status == (422 if address in ELSEWHERE else 303)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("people_by", "x" * 1000),
        ("people_by", "username"),
        ("minutes_between", "0"),
        ("minutes_between", "1e9"),
        ("days_between_sweeps", "-1"),
        ("position", "99999999999999999999"),
        ("position", "NaN"),
        ("quadrants", "nowhere"),
        ("people_domain", "x" * 1000),
        ("name", "\0"),
        ("name", "x" * 1000),
    ],
)
def test_a_value_that_nobody_offered_is_refused(as_admin, connected, field, value):
    assert as_admin.post(SETTINGS, KNOWN | {field: value}).status == 422


def test_markup_in_a_name_stays_text(as_admin, connected, session):
    name = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    assert as_admin.post(SETTINGS, KNOWN | {"name": name}).status == 303
    for path in ("/admin/tools", "/admin/tools/service-blog", "/admin/ecosystem", SETTINGS):
        page = as_admin.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html
    assert session.query(Tool).filter_by(name=name).count() == 1


def test_a_mapping_of_a_thousand_rows_or_odd_paths_takes_no_time(as_admin, connected):
    form = {"what": "try"}
    for place in range(190):
        form |= {f"field-{place}": "title", f"path-{place}": "(a+)+[" * 30 + ".[9999999999999]"}
        form |= {f"transform-{place}": "text", f"words-{place}": "x = y\n" * 200}
    began = time.monotonic()
    assert as_admin.post("/admin/tools/service-blog/mapping", form).status in {200, 413, 422}
    assert time.monotonic() - began < 5


def test_what_a_tool_says_is_shown_as_text_and_never_its_secret(as_admin, connected, blog, session):
    evil = "<script>alert(1)</script>\0\u202e\ud800"
    answer = blog.handle

    def handle(request):
        found = answer(request)
        if not isinstance(found, httpx.Response) or "posts" not in str(request.url):
            return found
        values = json.loads(found.read())
        for each in values if isinstance(values, list) else ():
            each["title"] = {"rendered": f"{evil} {CANARY}"}
            each[evil] = [CANARY, float("nan")]
        headers = {k: v for k, v in found.headers.items() if not k.startswith("content-")}
        return httpx.Response(found.status_code, headers=headers, content=json.dumps(values))

    blog.handle = handle
    as_admin.post("/admin/tools/service-blog/check")
    session.expire_all()
    [kept] = session.query(Connection)
    assert kept.sample
    assert CANARY not in json.dumps(kept.sample)
    for path in ("/admin/tools/service-blog", "/admin/tools/service-blog/mapping"):
        page = as_admin.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.html
        assert CANARY not in page.html
