"""The sample company's items as documents of an index, without a database."""

from app.demo import files
from search.document import Document


def documents():
    """Return (documents, ids by key, pinned ids by role) of the sample company."""
    company = files.load()
    tools = {tool.slug: tool.name for tool in company.tools}
    skills = {skill.slug: skill.name for skill in company.skills}
    ids = {item.external_id: number for number, item in enumerate(company.items, start=1)}
    keys = {f"{item.tool}/{item.external_id}": ids[item.external_id] for item in company.items}
    pinned = {
        page.role: frozenset(ids[pin.item] for part in page.sections for pin in part.pins)
        for page in company.role_pages
    }
    return [_document(item, ids, tools, skills) for item in company.items], keys, pinned


def _document(item, ids, tools, skills):
    return Document(
        id=ids[item.external_id],
        title=item.title,
        body=item.summary,
        kind=item.kind,
        tool=item.tool,
        roles=item.roles,
        skills=item.skills,
        skill_names=tuple(skills[slug] for slug in item.skills),
        tool_name=tools[item.tool],
        level=item.level,
        language=item.language,
        minutes=item.minutes,
        published=item.published,
        quality=0.5,
        audience=frozenset(item.audience),
    )
