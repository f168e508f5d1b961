"""Reads the courses of a Moodle, and what people completed there.

API: Moodle web services, REST protocol
(https://docs.moodle.org/405/en/Using_web_services and the list of functions that each site shows
under Server, Web services, API documentation). Shapes are those of Moodle 4.5; no test runs against
a real one.

    address   https://moodle.example.com
    token     32 letters and digits, of a user made for Foyer and a service of their own
    person    somebody's e-mail address there (optional; only to try whether people are found)

Limits: none of its own. Moodle tells neither what changed nor what was deleted, so that every run
reads the whole list, which is one request (300 courses: a third of a second). Whatever goes wrong
is answered with 200 and an `exception`, the database being down included. A hidden course is named
as hidden, never as gone; an account that may not see one cannot read the list at all. What people
did is asked person by person. Links: `/course/view.php?id=`, to which Moodle returns after signing
in.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import quote

from app.connectors.base import (
    Account,
    AccountKind,
    Capabilities,
    Checkpoint,
    Delete,
    Did,
    ErrorKind,
    Event,
    Fail,
    Hit,
    Link,
    Mode,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
    Upsert,
    Withdrawn,
    packed,
    unpacked,
)
from app.connectors.http import Answer, Http
from app.connectors.mapping import Rule, text_of
from app.connectors.probing import probed
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Wording

_BATCH = 500
_SITE_ITSELF = 1
_KEPT = (
    "id",
    "fullname",
    "shortname",
    "idnumber",
    "summary",
    "lang",
    "timecreated",
    "customfields",
)
_FUNCTIONS = (
    "core_webservice_get_site_info",
    "core_course_get_courses",
    "core_course_search_courses",
    "core_user_get_users_by_field",
    "core_enrol_get_users_courses",
    "core_completion_get_course_completion_status",
)
_FIELDS = {AccountKind.EMAIL: "email", AccountKind.USERNAME: "username"}
_SEES_HIDDEN = Wording(
    "There is a hidden course that the account may not see, and Moodle then lists none:"
    " give it the permission moodle/course:viewhiddencourses."
)
_MEANINGS: Mapping[str, tuple[ErrorKind, Wording]] = {
    "invalidtoken": (ErrorKind.AUTH_INVALID, Wording("It does not know this token.")),
    "accessexception": (
        ErrorKind.FORBIDDEN,
        Wording("The token has run out, or its service may not use this function."),
    ),
    "errorcoursecontextnotvalid": (ErrorKind.FORBIDDEN, _SEES_HIDDEN),
    "dbconnectionfailed": (ErrorKind.TRANSIENT, Wording("Its database does not answer.")),
    "sitemaintenance": (ErrorKind.TRANSIENT, Wording("It is being maintained.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(ToolSettings):
    """Where the Moodle is, and who reads it."""

    token: str = setting(Wording("Token"), Ask.SECRET, needed=True)
    person: str = setting(
        Wording("E-mail address of a learner"),
        hint=Wording("Only to try whether people are found by it."),
    )


class Moodle:
    """One Moodle site."""

    spec: ClassVar[Spec] = Spec(
        kind="moodle",
        name="Moodle",
        summary=Wording("Courses of a Moodle, and who completed them."),
        family="lms",
        quadrants=(Quadrant.DELIVER, Quadrant.MEASURE),
        settings=Settings,
        capabilities=Capabilities(live_search=True, activity=True),
        proof=Proof.DOCUMENTED,
        source=Wording("Moodle 4.5 web services documentation"),
        mapping=(
            Rule("title", "fullname", "html"),
            Rule("summary", "summary", "html"),
            Rule("url", "url", "address"),
            Rule("language", "lang"),
            Rule("published", "timecreated", "epoch"),
            Rule("kind", default="course"),
        ),
        account_kinds=(AccountKind.EMAIL, AccountKind.USERNAME),
        minutes_between=240,
        set_up=(
            Wording("Under Site administration, Server, Web services, turn on the REST protocol."),
            Wording(
                "Make a user for Foyer, whose role allows to see courses and hidden courses, user"
                " details and identity, and reports of completion."
            ),
            Wording(
                "Add an external service for this user alone, with the functions that the check"
                " names as missing."
            ),
            Wording("Make a token for that user and service, without an end, and give it here."),
        ),
    )

    def __init__(self, settings: Settings, http: Http) -> None:
        """Keep the settings; nothing is asked yet."""
        self._settings = settings
        self._http = http.using(classify=_classified)

    def check(self) -> Iterator[Probe]:
        """Try the token, its functions, the list with hidden courses, the search and the people."""
        try:
            site = self._asked("core_webservice_get_site_info")
        except SourceError as error:
            yield Probe(Wording("Sign-in"), ok=False, why=error.sentence)
            return
        yield Probe(Wording("Sign-in"), ok=True)
        yield _functions_of(site)
        yield probed(Wording("Courses, hidden ones too"), self._courses)
        yield probed(Wording("Live search"), lambda: self.search("a", 1))
        yield probed(Wording("People by e-mail address"), self._find_somebody, needed=False)

    def pull(self, cursor: bytes | None, mode: Mode) -> Iterator[Event]:  # noqa: ARG002
        """Yield all courses by their ids, a checkpoint between batches, hidden ones as hidden."""
        after = unpacked(cursor, after=int)["after"] if cursor else 0
        rows = [row for row in self._courses() if row["id"] > after]
        for start in range(0, len(rows), _BATCH):
            if start:
                yield Checkpoint(packed(after=rows[start - 1]["id"]))
            yield from (self._event(row) for row in rows[start : start + _BATCH])
        yield Checkpoint(packed(after=0), complete=True)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Ask for each course by itself: one deleted id among several makes some questions fail."""
        return {external_id: self._presence(external_id) for external_id in external_ids}

    def search(self, query: str, limit: int) -> Sequence[Hit]:
        """Ask the site's own search, and leave out what it finds of hidden courses."""
        found = self._asked(
            "core_course_search_courses",
            criterianame="search",
            criteriavalue=query,
            page=0,
            perpage=limit,
        )
        rows = _listed(found.get("courses") if isinstance(found, Mapping) else None)
        shown = {row["id"] for row in self._courses(rows) if row.get("visible")} if rows else set()
        return [self._hit(row) for row in rows if row["id"] in shown][:limit]

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address with the id."""
        return Link(f"{self._settings.address}/course/view.php?id={quote(external_id, safe='')}")

    def activity(
        self, cursor: bytes | None, people: Collection[Account]
    ) -> Iterator[Did | Withdrawn | Fail | Checkpoint]:
        """Yield what each of these people did, one after the other by name."""
        after = unpacked(cursor, after=str)["after"] if cursor else ""
        for account in sorted(people, key=lambda one: one.name):
            if account.name > after:
                yield from self._done_by(account)
                yield Checkpoint(packed(after=account.name))
        yield Checkpoint(packed(after=""), complete=True)

    def _done_by(self, account: Account) -> Iterator[Did]:
        for user in self._users(account):
            courses = self._asked(
                "core_enrol_get_users_courses", userid=user["id"], returnusercount=0
            )
            for row in _listed(courses):
                if row["id"] != _SITE_ITSELF:
                    yield from self._done_in(row, user["id"], account)

    def _done_in(self, row: Mapping[str, Any], user: int, account: Account) -> Iterator[Did]:
        """Yield the last visit with its progress and, with the time of it, the completion."""
        course, seen, progress = row["id"], row.get("lastaccess"), row.get("progress")
        if seen:
            share = None if progress is None else min(1.0, max(0.0, float(progress) / 100))
            statement = f"{user}-{course}-{seen}"
            yield Did(statement, account, "launched", _moment(seen), str(course), progress=share)
        if row.get("completed"):
            at = self._completed_at(course, user) or seen
            if at:
                statement = f"{user}-{course}-completed"
                yield Did(statement, account, "completed", _moment(at), str(course), progress=1.0)

    def _completed_at(self, course: int, user: int) -> int | None:
        """Return when the last criterion was met; None where completion has no criteria."""
        try:
            found = self._asked(
                "core_completion_get_course_completion_status", courseid=course, userid=user
            )
        except SourceError as error:
            if error.kind is ErrorKind.CONFIG:
                return None
            raise
        met = found.get("completionstatus", {}).get("completions", [])
        return max((one.get("timecompleted") or 0 for one in met), default=0) or None

    def _users(self, account: Account) -> list[Mapping[str, Any]]:
        found = self._asked(
            "core_user_get_users_by_field",
            field=_FIELDS.get(account.kind, "username"),
            **{"values[0]": account.name},
        )
        return _listed(found)

    def _find_somebody(self) -> None:
        """Look somebody up; without a permission Moodle finds nobody and says nothing of it."""
        if not self._settings.person:
            raise SourceError(
                ErrorKind.CONFIG, Wording("Give somebody’s e-mail address to have this tried.")
            )
        if not self._users(Account(AccountKind.EMAIL, self._settings.person)):
            raise SourceError(
                ErrorKind.FORBIDDEN,
                Wording(
                    "It finds nobody by this address: give the account the permissions"
                    " moodle/site:viewuseridentity and moodle/user:viewdetails."
                ),
            )

    def _courses(self, only: Sequence[Mapping[str, Any]] = ()) -> list[Mapping[str, Any]]:
        """Return these courses, else all, by their ids; without the site itself."""
        asked = {f"options[ids][{place}]": row["id"] for place, row in enumerate(only)}
        rows = _listed(self._asked("core_course_get_courses", **asked))
        return sorted(
            (row for row in rows if row["id"] != _SITE_ITSELF), key=lambda row: int(row["id"])
        )

    def _presence(self, external_id: str) -> Presence:
        if not external_id.isdecimal():
            return Presence.UNKNOWN
        try:
            rows = self._courses([{"id": external_id}])
        except SourceError as error:
            if error.sentence == _SEES_HIDDEN:
                return Presence.HIDDEN
            raise
        if not rows:
            return Presence.GONE
        return Presence.LIVE if rows[0].get("visible") else Presence.HIDDEN

    def _event(self, row: Mapping[str, Any]) -> Event:
        external_id = str(row["id"])
        if not row.get("visible"):
            return Delete(external_id, Presence.HIDDEN)
        kept = {name: row[name] for name in _KEPT if name in row}
        return Upsert(external_id, {**kept, "url": self.link(external_id, Link("")).url})

    def _hit(self, row: Mapping[str, Any]) -> Hit:
        external_id = str(row["id"])
        title, summary = str(row.get("fullname", "")), str(row.get("summary", ""))
        url = self.link(external_id, Link("")).url
        return Hit(external_id, text_of(title), url, "course", text_of(summary))

    def _asked(self, function: str, **values: object) -> Any:
        form = {
            "wstoken": self._settings.token,
            "wsfunction": function,
            "moodlewsrestformat": "json",
            **values,
        }
        return self._http.post_json("webservice/rest/server.php", form=form)


def _classified(answer: Answer) -> SourceError | None:
    """Return what Moodle means by an `exception` that it answers with status 200."""
    if answer.status != 200 or b'"errorcode"' not in answer.body[:4000]:
        return None
    values = answer.json()
    if not isinstance(values, Mapping) or "errorcode" not in values:
        return None
    code = str(values["errorcode"])[:80]
    if code in _MEANINGS:
        return SourceError(*_MEANINGS[code])
    if code.startswith("wsaccessuser"):
        return SourceError(ErrorKind.AUTH_INVALID, Wording("It lets this user in no more."))
    return SourceError(ErrorKind.CONFIG, Wording("It refuses the question: %(code)s", code=code))


def _functions_of(site: Any) -> Probe:
    """Return whether the token's service has all functions, by what the site says of it."""
    offered = site.get("functions", []) if isinstance(site, Mapping) else []
    rows = offered if isinstance(offered, list) else []
    names = {str(one.get("name")) for one in rows if isinstance(one, Mapping)}
    missing = [name for name in _FUNCTIONS if name not in names]
    why = Wording("The service of this token lacks: %(names)s.", names=", ".join(missing))
    return Probe(Wording("Functions of the service"), ok=not missing, why=why if missing else None)


def _listed(values: Any) -> list[Mapping[str, Any]]:
    """Return a list of rows that have ids; raise SourceError(SCHEMA) for anything else."""
    rows = values if isinstance(values, list) else None
    if rows is None or not all(isinstance(row, Mapping) and "id" in row for row in rows):
        raise SourceError(ErrorKind.SCHEMA, Wording("It sends what is not a list of rows."))
    return rows


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
