"""What must hold in the sample company before anybody sees it; each rule yields sentences."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from app.access import Access
from app.demo.records import Assignment, Item, Person, Playlist, SampleCompany
from app.errors import Invalid
from app.intake.text import slug
from app.models.catalogue import Kind, Level
from app.models.playlists import Meet
from app.tending.groups import checked, key_of

SUMMARY_LENGTH = range(90, 221)
SKILLS_PER_ITEM = range(2, 5)
MOST_ROLES_PER_ITEM = 3
_KINDS = frozenset(Kind)
_LEVELS = frozenset(Level)
_ACCESS = frozenset(Access)
_ZONES = frozenset(available_timezones())


def problems_in(sample: SampleCompany) -> list[str]:
    """Return one sentence for each fault, in a fixed order; nothing for a sound company."""
    return [
        *_repeated_keys(sample),
        *_tool_faults(sample),
        *_item_faults(sample),
        *_people_faults(sample),
        *_role_page_faults(sample),
        *_playlist_faults(sample),
        *_synonym_faults(sample),
    ]


def audience_tokens_known(sample: SampleCompany) -> frozenset[str]:
    """Return every token that an audience of this company may name."""
    return frozenset(
        {"everyone"}
        | {f"role:{role.slug}" for role in sample.roles}
        | {f"group:{group.slug}" for group in sample.groups}
        | {f"dept:{slug(person.department)}" for person in sample.people}
        | {f"loc:{slug(site.name)}" for site in sample.sites}
    )


def _repeated_keys(sample: SampleCompany) -> Iterator[str]:
    keys = {
        "tool": [tool.slug for tool in sample.tools],
        "skill": [skill.slug for skill in sample.skills],
        "role": [role.slug for role in sample.roles],
        "item": [item.external_id for item in sample.items],
        "address": [item.url for item in sample.items],
        "summary": [item.summary for item in sample.items],
        "person": [person.email for person in sample.people],
        "role page": [page.role for page in sample.role_pages],
        "playlist": [playlist.slug for playlist in sample.playlists],
    }
    for what, values in keys.items():
        yield from (f"{what} twice: {key}" for key, n in Counter(values).items() if n > 1)


def _tool_faults(sample: SampleCompany) -> Iterator[str]:
    for tool in sample.tools:
        yield from _address(tool.slug, tool.home_url)


def _item_faults(sample: SampleCompany) -> Iterator[str]:
    tools = {tool.slug for tool in sample.tools}
    skills = {skill.slug for skill in sample.skills}
    roles = {role.slug for role in sample.roles}
    channels = {item.external_id for item in sample.items if item.kind == Kind.CHANNEL}
    tokens = audience_tokens_known(sample)
    for item in sample.items:
        name = item.external_id
        yield from _item_own_faults(item)
        yield from _unknown(name, "tool", [item.tool], tools)
        yield from _unknown(name, "skill", item.skills, skills)
        yield from _unknown(name, "role", item.roles, roles)
        yield from _unknown(name, "audience", item.audience, tokens)
        yield from _unknown(name, "channel", [item.channel] if item.channel else [], channels)


def _item_own_faults(item: Item) -> Iterator[str]:
    name = item.external_id
    yield from _address(name, item.url)
    yield from _unknown(name, "kind", [item.kind], _KINDS)
    yield from _unknown(name, "level", [item.level] if item.level else [], _LEVELS)
    if len(item.summary) not in SUMMARY_LENGTH:
        yield f"{name}: a summary of {len(item.summary)} characters"
    if len(item.skills) not in SKILLS_PER_ITEM or len(set(item.skills)) < len(item.skills):
        yield f"{name}: {len(item.skills)} skills, or one twice"
    if len(item.roles) > MOST_ROLES_PER_ITEM:
        yield f"{name}: meant for {len(item.roles)} roles"
    if not (item.title.strip() and item.language and item.licence and item.attribution):
        yield f"{name}: no title, language, licence or attribution"
    if item.minutes is not None and item.minutes < 1:
        yield f"{name}: {item.minutes} minutes"
    if not item.audience:
        yield f"{name}: no audience"


def _people_faults(sample: SampleCompany) -> Iterator[str]:
    emails = {person.email for person in sample.people}
    roles = {role.slug for role in sample.roles}
    groups = {group.slug for group in sample.groups}
    sites = {site.name for site in sample.sites}
    for person in sample.people:
        name = person.email
        yield from _person_own_faults(person, sample.company.domain)
        yield from _unknown(name, "role", person.roles, roles)
        yield from _unknown(name, "group", person.groups, groups)
        yield from _unknown(name, "site", [person.location], sites)
        yield from _unknown(name, "manager", [person.manager] if person.manager else [], emails)


def _person_own_faults(person: Person, domain: str) -> Iterator[str]:
    name = person.email
    yield from _unknown(name, "access", [person.access], _ACCESS)
    yield from _unknown(name, "time zone", [person.time_zone], _ZONES)
    if not name.endswith(f"@{domain}") or name != name.lower():
        yield f"{name}: not a lower-case address of {domain}"
    if not person.roles:
        yield f"{name}: no role"
    if person.started < 0:
        yield f"{name}: starts in the future"
    if person.manager == name:
        yield f"{name}: manages themselves"


def _role_page_faults(sample: SampleCompany) -> Iterator[str]:
    items = {item.external_id for item in sample.items}
    skills = {skill.slug for skill in sample.skills}
    roles = {role.slug for role in sample.roles}
    curators = {person.email for person in sample.people if person.access in {"curator", "admin"}}
    tokens = audience_tokens_known(sample)
    for page in sample.role_pages:
        yield from _unknown(page.role, "role", [page.role], roles)
        yield from _unknown(page.role, "curator", [page.curator], curators)
        yield from _unknown(page.role, "audience", page.audience, tokens)
        yield from _unknown(page.role, "skill", page.skills, skills)
        for section in page.sections:
            where = f"{page.role}, {section.title}"
            pinned = [pin.item for pin in section.pins]
            yield from _unknown(where, "item", pinned, items)
            yield from (f"{where}: {key} twice" for key, n in Counter(pinned).items() if n > 1)


def _playlist_faults(sample: SampleCompany) -> Iterator[str]:
    items = {item.external_id for item in sample.items}
    people = {person.email: person for person in sample.people}
    roles = {role.slug for role in sample.roles}
    tokens = audience_tokens_known(sample)
    for playlist in sample.playlists:
        name = playlist.slug
        due = [step.due_day for step in playlist.steps]
        yield from _unknown(name, "item", [step.item for step in playlist.steps], items)
        yield from _unknown(name, "role", [playlist.role] if playlist.role else [], roles)
        yield from _unknown(name, "owner", [playlist.owner], people)
        yield from _unknown(name, "contact", [playlist.contact or playlist.owner], people)
        yield from _task_faults(playlist)
        yield from _unknown(name, "audience", playlist.audience, tokens)
        if due != sorted(due) or due[0] < 1 or due[-1] > playlist.days:
            yield f"{name}: days out of order, or beyond {playlist.days}"
        if len(playlist.weeks) != -(-playlist.days // 7):
            yield f"{name}: {len(playlist.weeks)} weeks for {playlist.days} days"
        for given in playlist.assignments:
            yield from _assignment_faults(playlist, given, people)
            if given.person in people:
                yield from _hidden_steps(playlist, people[given.person], sample.items)


def _task_faults(playlist: Playlist) -> Iterator[str]:
    days = [task.due_day for task in playlist.tasks]
    if any(not 1 <= day <= playlist.days for day in days):
        yield f"{playlist.slug}: a task beyond {playlist.days} days"
    meets = [task.meets for task in playlist.tasks if task.meets]
    yield from _unknown(playlist.slug, "person to meet", meets, list(Meet))
    needed = [need for step in playlist.steps for need in step.needs]
    if any(not 1 <= need <= len(playlist.steps) for need in needed):
        yield f"{playlist.slug}: a step needs one that is unknown"


def _assignment_faults(
    playlist: Playlist, given: Assignment, people: dict[str, Person]
) -> Iterator[str]:
    where = f"{playlist.slug} for {given.person}"
    named = [given.person, given.assigned_by, *([given.buddy] if given.buddy else [])]
    yield from _unknown(where, "person", named, people)
    person = people.get(given.person)
    if person is not None and given.start > person.started:
        yield f"{where}: begins before the person's first day"
    if person is not None and not person.tokens & set(playlist.audience):
        yield f"{where}: not for this person"
    steps = [done.step for done in given.done]
    if len(set(steps)) < len(steps) or any(not 1 <= s <= len(playlist.steps) for s in steps):
        yield f"{where}: a step twice, or unknown"
    if any(not 1 <= done.day <= given.start + 1 for done in given.done):
        yield f"{where}: a step done before the start or in the future"


def _hidden_steps(playlist: Playlist, person: Person, items: Iterable[Item]) -> Iterator[str]:
    hidden = {item.external_id for item in items if not person.tokens & set(item.audience)}
    for step in playlist.steps:
        if step.item in hidden:
            yield f"{playlist.slug}: {person.email} may not see {step.item}"


def _unknown(where: str, what: str, names: Iterable[str], known: Collection[str]) -> Iterator[str]:
    yield from (f"{where}: unknown {what} {name!r}" for name in names if name not in known)


def _address(where: str, url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield f"{where}: not a web address: {url}"


def _synonym_faults(sample: SampleCompany) -> Iterator[str]:
    keys = Counter(key_of(group.words, group.becomes) for group in sample.synonyms)
    emails = {person.email for person in sample.people}
    for group in sample.synonyms:
        name = f"synonyms {', '.join(group.words)}"
        try:
            checked(group.words, group.becomes, one_way=bool(group.becomes))
        except Invalid as refusal:
            yield f"{name}: {refusal}"
        if keys[key_of(group.words, group.becomes)] > 1:
            yield f"{name}: twice"
        if group.curator not in emails:
            yield f"{name}: unknown curator '{group.curator}'"
        if group.changed < 0:
            yield f"{name}: changed in the future"
