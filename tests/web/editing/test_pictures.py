"""The picture of an item: who may give it, who sees it, and what is kept of the file."""

import io

import pytest
from PIL import Image

from app.models import Item, Picture


def photo(size=(1600, 1200), kind="JPEG", **values):
    written = io.BytesIO()
    Image.new("RGB", size, "teal").save(written, kind, **values)
    return written.getvalue()


@pytest.fixture
def item(make, session):
    item = make.item("Ohm's law")
    session.commit()
    return item


@pytest.fixture
def give(as_curator, item):
    """Return what uploads a file as the picture."""

    def given(body, alt="A flow meter", name="meter.jpg"):
        data = {"alt": alt, "picture": (io.BytesIO(body), name)}
        return as_curator.post(f"/curate/items/{item.id}/picture", data)

    return given


def shown(client, item):
    [found] = client.get(f"/items/{item.id}").all("img", class_="item-picture")
    return found


def test_it_is_made_small_and_served_from_here(give, as_employee, item):
    assert give(photo()).status == 303
    found = shown(as_employee, item)
    assert (found.get("alt"), found.get("width"), found.get("height")) == (
        "A flow meter",
        "960",
        "720",
    )
    answer = as_employee.http.get(found.get("src"))
    assert answer.mimetype == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "public" not in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.get_data())).size == (960, 720)


def test_a_photo_larger_than_other_forms_may_be_is_taken(as_curator, item):
    written = io.BytesIO()
    Image.effect_noise((1800, 1400), 200).save(written, "PNG")
    assert len(written.getvalue()) > 1024 * 1024
    parts = [("alt", "", b"Noise"), ("csrf_token", "", as_curator.csrf_token().encode())]
    parts.append(("picture", '; filename="noise.png"', written.getvalue()))
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, more, value in parts
    )
    answer = as_curator.http.post(
        f"/curate/items/{item.id}/picture",
        data=body + b"--b--\r\n",
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 303


def test_what_the_file_says_of_its_maker_is_left_out(give, as_employee, item):
    exif = Image.Exif()
    exif[0x9C9D] = b"Secret place"
    exif[0x0112] = 6
    assert give(photo((40, 20), exif=exif)).status == 303
    answer = as_employee.http.get(shown(as_employee, item).get("src"))
    assert b"Secret" not in answer.get_data()
    kept = Image.open(io.BytesIO(answer.get_data()))
    assert kept.size == (20, 40)
    assert not kept.getexif()


@pytest.mark.parametrize(
    "body",
    [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", photo()[:400]],
)
def test_what_is_no_picture_is_refused_and_the_words_stay(give, body, session, item):
    page = give(body)
    assert page.status == 422
    assert page.by_id("field_alt").get("value") == "A flow meter"
    assert session.query(Picture).count() == 0


def test_it_needs_words_for_who_does_not_see_it(give, session):
    page = give(photo(), alt="  ")
    assert (page.status, session.query(Picture).count()) == (422, 0)
    assert "This cannot be empty." in page.words


def test_a_picture_of_too_many_pixels_is_not_decoded(give):
    written = io.BytesIO()
    Image.new("1", (8000, 6000)).save(written, "PNG")
    page = give(written.getvalue())
    assert "40 megapixels" in page.words


def test_only_who_sees_an_item_with_it_is_given_the_picture(
    give, as_employee, visitor, sign_in, make, session, item
):
    give(photo())
    address = shown(as_employee, item).get("src")
    boardroom = make.item("Board papers", audience=("group:board",))
    found = session.get(Item, item.id)
    session.refresh(found)
    found.audience_id = boardroom.audience_id
    session.commit()
    assert as_employee.get(address).status == 404
    assert visitor.get(address).status == 303
    assert as_employee.get(f"/pictures/{'0' * 64}.webp").status == 404


def test_it_is_taken_away_and_put_back(give, as_curator, item):
    give(photo())
    address = f"/curate/items/{item.id}/picture"
    page = as_curator.follow(as_curator.post(f"{address}/remove"))
    assert not page.all("img", class_="item-picture")
    assert as_curator.post(f"{address}/back").status == 303
    assert shown(as_curator, item).get("alt") == "A flow meter"
    assert as_curator.post(f"{address}/back").status == 404


def test_its_words_change_without_another_file(give, as_curator, item):
    give(photo())
    as_curator.post(f"/curate/items/{item.id}/picture", {"alt": "A meter"})
    assert shown(as_curator, item).get("alt") == "A meter"


def test_cards_show_it(give, as_curator, as_employee, item, index_now):
    give(photo())
    as_employee.post(f"/items/{item.id}/save")
    page = as_employee.get("/library")
    assert [img.get("alt") for img in page.all("img")] == ["A flow meter"]
