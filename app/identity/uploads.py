"""Metadata as an administrator hands it over: pasted, or as a file."""

from flask import request
from flask_babel import gettext as _

from app.errors import Invalid


def metadata_handed_over() -> bytes:
    """Return the metadata of this request, the file's before the pasted text's; else nothing."""
    upload = request.files.get("metadata_file")
    if upload is not None and upload.filename:
        return upload.stream.read()
    return request.form.get("metadata_text", "").strip().encode()


def needed(metadata: bytes) -> bytes:
    """Return the metadata; raise Invalid when there is none."""
    if not metadata:
        raise Invalid({"metadata_text": _("Paste the metadata, or choose its file.")})
    return metadata
