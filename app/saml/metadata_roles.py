"""Finds the one descriptor in a metadata document that speaks of the provider that is meant.

A document describes one entity, or a federation of them, each in several roles and protocols.
"""

from collections.abc import Collection, Iterator

from lxml import etree

from app.errors import Invalid, Wording

FIELD = "metadata"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
MOST_NAMED = 10

_PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
_LONGEST_ENTITY_ID = 1024  # saml-core-2.0-os, 8.3.6


def invalid(why: Wording) -> Invalid:
    """Return the complaint about the metadata."""
    return Invalid({FIELD: why})


def chosen(root: etree._Element, entity_id: str) -> etree._Element:
    """Return the IDPSSODescriptor of the one provider that is meant.

    Raises Invalid where none is meant, or more than one may be.
    """
    if root.tag not in {f"{{{MD}}}EntityDescriptor", f"{{{MD}}}EntitiesDescriptor"}:
        raise invalid(Wording("This is XML, but not SAML 2.0 metadata."))
    roles = [role for entity in _entities(root) for role in _provider_roles(entity)]
    if not roles:
        raise _no_provider(root)
    named = {entity_id_of(role) for role in roles}
    wanted = [role for role in roles if not entity_id or entity_id_of(role) == entity_id]
    if not wanted:
        raise invalid(
            Wording(
                "It describes %(found)s, and not %(wanted)s.",
                found=_list_of(named),
                wanted=entity_id,
            )
        )
    if len(named) > 1 and not entity_id:
        raise invalid(
            Wording(
                "It describes several identity providers: give the entity ID of yours. It is one "
                "of %(found)s.",
                found=_list_of(named),
            )
        )
    if len(wanted) > 1:
        raise invalid(Wording("It describes %(id)s more than once.", id=entity_id_of(wanted[0])))
    return wanted[0]


def _entities(root: etree._Element) -> Iterator[etree._Element]:
    """Yield the entities described, where the schema has them: never from inside an extension."""
    if root.tag == f"{{{MD}}}EntityDescriptor":
        yield root
    elif root.tag == f"{{{MD}}}EntitiesDescriptor":
        for child in root:
            yield from _entities(child)


def _provider_roles(entity: etree._Element) -> list[etree._Element]:
    return [
        role
        for role in entity.findall(f"{{{MD}}}IDPSSODescriptor")
        if _PROTOCOL in role.get("protocolSupportEnumeration", "").split()
    ]


def _no_provider(root: etree._Element) -> Invalid:
    if root.find(f".//{{{MD}}}SPSSODescriptor") is not None:
        return invalid(
            Wording(
                "This is the metadata of a service provider, such as Foyer's own. What is needed "
                "here is the metadata of your identity provider."
            )
        )
    return invalid(Wording("It describes no identity provider that speaks SAML 2.0."))


def _list_of(names: Collection[str]) -> str:
    shown = ", ".join(sorted(names)[:MOST_NAMED])
    return f"{shown}, …" if len(names) > MOST_NAMED else shown


def entity_id_of(role: etree._Element) -> str:
    """Return the entity ID of the descriptor; raise Invalid for none or one that is too long."""
    entity = role.getparent()
    found = entity.get("entityID", "").strip() if entity is not None else ""
    if not found or len(found) > _LONGEST_ENTITY_ID:
        raise invalid(Wording("It lacks an entity ID, or one of at most 1,024 letters."))
    return found
