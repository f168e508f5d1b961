"""A Moodle site in memory: shapes as Moodle 4.5 answers them, recorded; no test runs a real one."""

import html
import re
from urllib.parse import parse_qs

import httpx

from tests.support.tools.world import CANARY, FakeTool, json_answer

SITE = {"id": 1, "shortname": "site", "fullname": "Our Moodle", "format": "site", "visible": 1}
FUNCTIONS = (
    "core_webservice_get_site_info",
    "core_course_get_courses",
    "core_course_get_courses_by_field",
    "core_course_search_courses",
    "core_user_get_users_by_field",
    "core_enrol_get_users_courses",
    "core_completion_get_course_completion_status",
)


class FakeMoodle(FakeTool):
    """Courses, people and their completions; `sees_hidden` and `sees_identity` are permissions.

    `functions` are those of the token's service, `expired` and `broken` what befalls it.
    """

    kind = "moodle"
    many = 1100
    hides = True

    def __init__(self):
        super().__init__()
        self.courses, self.completed, self.visits = {}, {}, {}
        self.people = {7: {"email": "ada@example.org", "username": "ada"}}
        self.functions = set(FUNCTIONS)
        self.sees_hidden = self.sees_identity = True
        self.expired, self.broken, self.maintained = False, "", False

    def settings(self):
        return {"address": self.address, "token": CANARY, "person": "ada@example.org"}

    def faults(self):
        broken = refusal("dbconnectionfailed", "dml_connection_exception")
        expired = refusal("accessexception", "webservice_access_exception")
        unknown = refusal("generalexceptionmessage", "moodle_exception")
        return {
            "database down": lambda request, answer: broken,
            "access": lambda request, answer: expired,
            "something": lambda request, answer: unknown,
        }

    def seen(self, title):
        return " ".join(re.sub(r"<[^>]*>", "", title).split())

    def add(self, title):
        number = len(self.courses) + 2
        stamp = int(self.now.timestamp())
        self.courses[number] = {
            "id": number,
            "shortname": f"C{number}",
            "categoryid": 1,
            "fullname": filtered(title),
            "displayname": filtered(title),
            "idnumber": "",
            "summary": "<p>What it is about.</p>",
            "summaryformat": 1,
            "format": "topics",
            "startdate": stamp,
            "enddate": 0,
            "visible": 1,
            "lang": "",
            "timecreated": stamp,
            "timemodified": stamp,
            "enablecompletion": 1,
        }
        return str(number)

    def change(self, external_id, title):
        stamp = int(self.now.timestamp())
        self.courses[int(external_id)] |= {"fullname": filtered(title), "timemodified": stamp}

    def remove(self, external_id):
        self.courses[int(external_id)] = None

    def hide(self, external_id):
        self.courses[int(external_id)]["visible"] = 0

    def complete(self, external_id, account):
        stamp = int(self.now.timestamp())
        self.completed[int(external_id)] = self.visits[int(external_id)] = stamp

    def answer(self, request):
        if self.maintained:
            page = "<!doctype html><title>Our Moodle</title><p>This site is being upgraded.</p>"
            return httpx.Response(503, html=page, headers={"Retry-After": "300"})
        form = {name: one[0] for name, one in parse_qs(request.content.decode()).items()}
        if self.broken:
            return refusal(self.broken, "moodle_exception")
        if form.get("wstoken") != CANARY:
            return refusal("invalidtoken", "core\\exception\\moodle_exception")
        function = form["wsfunction"]
        if self.expired or function not in self.functions:
            return refusal("accessexception", "webservice_access_exception")
        return getattr(self, f"_{function}")(form)

    def _core_webservice_get_site_info(self, form):
        named = [{"name": name, "version": "2024100700"} for name in sorted(self.functions)]
        return json_answer({"sitename": "Our Moodle", "userid": 3, "functions": named})

    def _core_course_get_courses(self, form):
        wanted = [int(one) for name, one in form.items() if name.startswith("options[ids]")]
        rows = [row for row in self._live() if not wanted or row["id"] in wanted]
        if not self.sees_hidden and not all(row["visible"] for row in rows):
            return refusal("errorcoursecontextnotvalid", "moodle_exception")
        return json_answer(rows if wanted else [SITE, *rows])

    def _core_course_get_courses_by_field(self, form):
        if form.get("field") == "ids":
            wanted = [int(one) for one in form["value"].split(",")]
            if any(self.courses.get(number) is None for number in wanted):
                words = 'Attempt to assign property "contextvalidated" on null'
                return json_answer({"exception": "Error", "errorcode": "", "message": words})
        rows = [row for row in self._live() if row["visible"] or self.sees_hidden]
        return json_answer({"courses": rows, "warnings": []})

    def _core_course_search_courses(self, form):
        words = filtered(form.get("criteriavalue", "")).casefold()
        found = [row for row in self._live() if words in row["fullname"].casefold()]
        names = ("id", "fullname", "displayname", "shortname", "summary")
        rows = [{name: row[name] for name in names} for row in found[: int(form["perpage"])]]
        return json_answer({"total": len(found), "courses": rows, "warnings": []})

    def _core_user_get_users_by_field(self, form):
        if form["field"] == "email" and not self.sees_identity:
            return json_answer([])
        found = [
            {"id": number, "username": person["username"]}
            for number, person in self.people.items()
            if person[form["field"]] == form["values[0]"]
        ]
        return json_answer(found)

    def _core_enrol_get_users_courses(self, form):
        rows = [
            {
                "id": number,
                "fullname": self.courses[number]["fullname"],
                "progress": 100 if number in self.completed else 40,
                "completed": number in self.completed,
                "lastaccess": seen,
            }
            for number, seen in self.visits.items()
        ]
        return json_answer(rows if form["userid"] == "7" else [])

    def _core_completion_get_course_completion_status(self, form):
        stamp = self.completed[int(form["courseid"])]
        met = [
            {"type": 4, "title": "Activity completion", "complete": True, "timecompleted": stamp},
            {"type": 4, "title": "Another", "complete": True, "timecompleted": stamp - 60},
        ]
        status = {"completed": True, "aggregation": 1, "completions": met}
        return json_answer({"completionstatus": status, "warnings": []})

    def _live(self):
        return [row for row in self.courses.values() if row]


def filtered(title):
    """Return a title as Moodle's filters leave it: tags cut out, `&` as an entity."""
    return html.escape(re.sub(r"<[^>]*>", "", title), quote=False)


def refusal(code, exception):
    """Return an error as Moodle answers it: with status 200."""
    return json_answer({"exception": exception, "errorcode": code, "message": "Something."})
