"""Claims become attributes: lists of texts under plain or dotted names."""

from app.oidc.claims import attributes


def test_it_keeps_texts_and_lists():
    found = attributes({"name": "Amara", "groups": ["a", "b"]})
    assert found == {"name": ("Amara",), "groups": ("a", "b")}


def test_it_names_what_is_inside_an_object_with_dots():
    found = attributes({"address": {"locality": "Kiel"}, "realm_access": {"roles": ["x", "y"]}})
    assert found == {"address.locality": ("Kiel",), "realm_access.roles": ("x", "y")}


def test_it_writes_truth_and_numbers_as_json_does():
    found = attributes({"email_verified": True, "level": 3, "ratio": 1.5})
    assert found == {"email_verified": ("true",), "level": ("3",), "ratio": ("1.5",)}


def test_it_leaves_out_what_is_about_the_token_or_is_empty():
    assert attributes({"iss": "x", "nonce": "y", "exp": 1, "middle_name": None, "groups": []}) == {}


def test_it_passes_the_link_that_stands_for_too_many_groups():
    sent = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https"}}}
    assert attributes(sent)["_claim_names"] == ('{"groups": "src1"}',)


def test_it_does_not_call_an_unverified_address_an_email():
    found = attributes({"email": "boss@example.org", "email_verified": False})
    assert "email" not in found
    assert found["unverified_email"] == ("boss@example.org",)


def test_it_cuts_off_what_is_too_much():
    found = attributes({f"claim{n}": ["x" * 9999] * 9999 for n in range(300)})
    assert len(found) == 200
    assert len(found["claim0"]) == 1000
    assert len(found["claim0"][0]) == 2000
