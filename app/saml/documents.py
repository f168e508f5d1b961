"""Parses XML from outside so that nothing in it can reach out, blow up or be read in two ways.

The text is decoded here, once, as UTF-8 or UTF-16, and the parser is told so: no declaration and
no exotic encoding can hide a document type from the check (XXE, entity expansion; ASVS 1.5.1).
"""

import codecs
import re

from lxml import etree

from app.errors import Invalid, Wording

LARGEST = 1024 * 1024

_DECLARATION = re.compile(r"^\s*<\?xml\s[^>]*\?>")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parsed(xml: bytes | str, field: str) -> etree._Element:
    """Return the root element; raise Invalid, for the named field, saying what is wrong.

    Refused are more than 1 MB, a document type, and whatever is not well-formed.
    """
    if len(xml) > LARGEST:
        raise Invalid({field: Wording("This is larger than 1 MB, too large for metadata.")})
    text = decoded(xml, field)
    if not text:
        raise Invalid({field: Wording("There is nothing in it.")})
    if "<!doctype" in text.lower():
        raise Invalid({field: Wording("It contains a document type (DOCTYPE), which is refused.")})
    try:
        return etree.fromstring(text.encode(), _parser())
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError) as error:
        raise Invalid({field: Wording("This is not XML: %(why)s", why=str(error)[:200])}) from error


def decoded(xml: bytes | str, field: str) -> str:
    """Return the document as text, without its declaration; raise Invalid for the named field."""
    try:
        text = xml if isinstance(xml, str) else xml.decode(_encoding(xml))
    except UnicodeDecodeError as error:
        raise Invalid({field: Wording("This is not text in UTF-8.")}) from error
    return _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1).strip()


def _encoding(xml: bytes) -> str:
    return "utf-16" if xml.startswith(_UTF_16) else "utf-8"


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
    )
