"""Addresses, heads and moments that nobody means well with, at every page that recommends."""

import pytest

HUGE = "99999999999999999999"
ODD = (
    "/for-you?minutes=-1",
    "/for-you?minutes=1e9",
    "/for-you?minutes=%00",
    "/for-you?minutes=%D9%A3%D9%A0",
    "/for-you?from=../../x",
    "/for-you?from=https://evil.example",
    f"/for-you?from={HUGE}",
    "/for-you?from=2147483648",
    "/for-you?from=%00",
    "/?from=" + "x" * 5000,
    "/why?item=" + "y" * 10_000,
    "/why?item=%00",
    f"/why?item={HUGE}",
    "/why?item=%ED%A0%80",
    f"/for-you/next?shelf=%00&shown={HUGE}&cause={HUGE}",
    "/for-you/next?shelf=for_you&shown=" + ",".join(["1"] * 5000),
)
BOMB = {
    "Sec-CH-UA-Mobile": "?1" * 5000,
    "User-Agent": "Mobi" * 2000,
    "Referer": "http://[::1",
}


@pytest.mark.parametrize("address", ODD)
def test_no_address_or_head_breaks_a_page(as_employee, catalogue, address):
    for more in ({}, {"HX-Request": "true"}):
        answer = as_employee.http.get(address, headers=BOMB | more)
        assert answer.status_code in (200, 303)
        assert 'href="https://evil' not in answer.text
        assert "evil.example" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("page", ["/", "/for-you"])
def test_an_origin_meant_for_others_changes_nothing(as_employee, catalogue, make, session, page):
    secret = make.item("Zqxsecret", audience=["role:nobody"])
    session.commit()
    usual = as_employee.get(f"{page}?from={secret.id + 1}").html
    told = as_employee.get(f"{page}?from={secret.id}").html
    assert cards(told) == cards(usual)
    assert "Zqxsecret" not in told


def test_why_not_tells_what_is_hidden_from_nothing(as_employee, catalogue, make, session):
    secret = make.item("Zqxsecret", audience=["role:nobody"])
    session.commit()
    hidden, missing = (
        as_employee.get(f"/items/{number}/why") for number in (secret.id, secret.id + 1)
    )
    assert hidden.status == missing.status == 404
    assert hidden.texts("h1") == missing.texts("h1")
    by_name, by_nothing = (
        as_employee.get(f"/why?item={text}").words.replace(text, "")
        for text in ("Zqxsecret", "Zqxnothing")
    )
    assert by_name == by_nothing


def cards(html):
    return [part.split('"', 1)[0] for part in html.split('href="/items/')[1:]]
