"""Makes what somebody uploads a small picture that can be trusted: decoded, scaled, written anew.

Nothing of the file itself is kept: no metadata (where a photo was taken), no second frame, nothing
that hides behind the pixels. How large it is in pixels is looked at before it is decoded.
"""

import hashlib
import io
import struct
from dataclasses import dataclass

from PIL import Image, ImageOps

from app.errors import Invalid, Wording

LARGEST = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
WIDEST, HIGHEST = 960, 720
MEDIA_TYPE = "image/webp"
_FORMATS = ("PNG", "JPEG", "WEBP")
_QUALITY = 82
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    MemoryError,
    ArithmeticError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


@dataclass(frozen=True, slots=True)
class Small:
    """A picture as it is kept: WebP, at most 960 by 720 pixels; `digest` is of its bytes."""

    data: bytes
    width: int
    height: int

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes in hexadecimal digits."""
        return hashlib.sha256(self.data).hexdigest()


def made_small(body: bytes) -> Small:
    """Return the picture in these bytes (PNG, JPEG or WebP), upright and small.

    Raises Invalid, naming the field `picture`, for what is no such picture, more than 8 MB or more
    than 40 million pixels.
    """
    if not body:
        raise Invalid({"picture": Wording("Choose a picture.")})
    if len(body) > LARGEST:
        raise Invalid({"picture": Wording("This picture has more than 8 MB.")})
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid({"picture": Wording("This picture has more than 40 megapixels.")})
            return _written(_clean(opened))
    except _UNREADABLE as error:
        raise Invalid(
            {"picture": Wording("This cannot be read as a PNG, JPEG or WebP picture.")}
        ) from error


def _clean(opened: Image.Image) -> Image.Image:
    """Return the pixels alone, upright and scaled down."""
    opened.draft("RGB", (2 * WIDEST, 2 * HIGHEST))
    upright = ImageOps.exif_transpose(opened)
    mode = "RGBA" if upright.has_transparency_data else "RGB"
    pixels = upright.convert(mode)
    pixels.thumbnail((WIDEST, HIGHEST))
    clean = Image.new(mode, pixels.size)
    clean.paste(pixels)
    return clean


def _written(picture: Image.Image) -> Small:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=_QUALITY)
    return Small(written.getvalue(), picture.width, picture.height)
