"""Making pictures small: whatever the bytes are, a picture or a sentence comes of them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.editing.pictures import HIGHEST, WIDEST, made_small
from app.errors import Invalid


def written(size, kind, mode="RGB"):
    found = io.BytesIO()
    Image.new(mode, size).save(found, kind)
    return found.getvalue()


GOOD = [written((3, 2), "PNG"), written((30, 20), "JPEG"), written((3, 2), "WEBP")]


@given(st.binary(max_size=400))
def test_bytes_that_are_no_picture_are_refused_in_words(body):
    with pytest.raises(Invalid):
        made_small(body)


@given(st.sampled_from(GOOD), st.integers(0, 600), st.binary(min_size=1, max_size=9))
def test_a_damaged_picture_is_read_or_refused(good, place, damage):
    body = good[:place] + damage + good[place + len(damage) :]
    try:
        small = made_small(body)
    except Invalid:
        return
    assert (small.width, small.height) <= (WIDEST, HIGHEST)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_pictures_of_every_mode_are_taken(mode):
    assert made_small(written((5, 4), "PNG", mode)).width == 5


def test_a_tall_picture_keeps_its_shape():
    small = made_small(written((500, 4000), "PNG"))
    assert (small.width, small.height) == (90, 720)


def test_the_same_picture_is_kept_once():
    assert made_small(GOOD[0]).digest == made_small(GOOD[0]).digest


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_with_broken_metadata_is_refused_in_words(kind):
    found = io.BytesIO()
    Image.new("RGB", (4, 3)).save(found, kind, exif=b"MM\0*\0\0\0")
    with pytest.raises(Invalid):
        made_small(found.getvalue())
