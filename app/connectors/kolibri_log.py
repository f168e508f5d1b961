"""Asks a Kolibri for the log of its learners, as its administrators do, and reads the CSV.

Not in the public API: the task `exportsummarylogcsv` and the download beside it, found with and
tried against Kolibri 0.19. One line is one learner with one content: how far, and when completed.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.connectors.answers import Answer
from app.connectors.base import Account, AccountKind, Did, ErrorKind, Fail, SourceError
from app.connectors.http import Http
from app.errors import Wording

Nodes = Mapping[str, list[str]]
_TASKS = "api/tasks/tasks/"
_EXPORT = "kolibri.core.logger.tasks.exportsummarylogcsv"
_FIRST = "2000-01-01T00:00:00Z"
_ONCE_MORE = timedelta(seconds=2)
_COOKIE = re.compile(r"(?:^|,\s*)([\w-]+)=([^;,\s]+)")
_UNDER_WAY = frozenset({"QUEUED", "PENDING", "SCHEDULED", "SELECTED", "RUNNING"})
_COLUMNS = ("Username", "Channel id", "Content id", "Time of last interaction", "Progress (0-1)")
_COMPLETED = "Time of completion"


@dataclass(frozen=True, slots=True)
class Signed:
    """An administrator's session: the client that carries it, and the facility it is about."""

    http: Http
    facility: str
    day: str

    def ordered(self) -> str:
        """Ask for an export of the whole log; return the id of the task."""
        wanted = {
            "type": _EXPORT,
            "facility": self.facility,
            "start_date": _FIRST,
            "end_date": self.day,
            "locale": "en",
        }
        task = self.http.post_json(_TASKS, data=wanted)
        if not isinstance(task, Mapping) or not isinstance(task.get("id"), str):
            raise _unreadable()
        return str(task["id"])


def signed_in(http: Http, user: str, password: str) -> Signed:
    """Sign in as an administrator; raise SourceError, FORBIDDEN for anybody else."""
    if not user:
        sentence = Wording("It tells what people did only to an administrator of its facility.")
        raise SourceError(ErrorKind.CONFIG, sentence)
    answer = http.post(
        "api/auth/session/", data={"username": user, "password": password}, as_json=True
    )
    said = answer.json()
    if not isinstance(said, Mapping) or not said.get("facility_id"):
        raise _unreadable()
    if not {"admin", "superuser"} & set(said.get("kind") or ()):
        raise SourceError(ErrorKind.FORBIDDEN, Wording("The account is no administrator there."))
    cookies = dict(_COOKIE.findall(answer.headers.get("set-cookie", "")))
    headers = {
        "X-CSRFToken": cookies.get("kolibri_csrftoken", ""),
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }
    if answer.server_time is None:
        raise SourceError(ErrorKind.SCHEMA, Wording("Its answers carry no date."))
    day = answer.server_time + timedelta(days=1)
    client = http.using(classify=_still_under_way, authorise=lambda _http: headers)
    return Signed(client, str(said["facility_id"]), day.strftime("%Y-%m-%dT%H:%M:%SZ"))


def exported(signed: Signed, task: str) -> str:
    """Return the CSV once the export is there; one that Kolibri has forgotten is asked for anew."""
    try:
        signed.http.get_json(f"{_TASKS}{task}/")
    except SourceError as error:
        if error.kind is not ErrorKind.CONFIG:
            raise
        signed.http.get_json(f"{_TASKS}{signed.ordered()}/")
    answer = signed.http.get(f"facility/api/downloadcsvfile/summary/{signed.facility}/")
    if answer.is_html:
        raise SourceError(ErrorKind.SCHEMA, Wording("It sends a page instead of its log."))
    return answer.text


def dids_of(log: str, nodes_of: Callable[[str], Nodes]) -> Iterator[Did | Fail]:
    """Yield what the log says; `nodes_of` returns a channel's resources by their content.

    A content that is in a channel twice is done in both places. Visitors have no name.
    """
    reader = csv.DictReader(io.StringIO(log))
    if not set(_COLUMNS) <= set(reader.fieldnames or ()):
        raise _unreadable()
    channels: dict[str, Nodes] = {}
    for row in reader:
        channel = row["Channel id"]
        if not row["Username"]:
            continue
        if channel not in channels:
            channels[channel] = nodes_of(channel)
        content = row["Content id"]
        for node in channels[channel].get(content, [content]):
            yield _did(row, node)


def _did(row: Mapping[str, str], node: str) -> Did | Fail:
    user, completed = row["Username"], row.get(_COMPLETED) or ""
    try:
        at = datetime.fromisoformat(completed or row["Time of last interaction"])
        share = float(row["Progress (0-1)"])
    except ValueError:
        return Fail(f"{user} {node}", _unreadable())
    return Did(
        id=f"{user}:{node}:{'completed' if completed else share}",
        account=Account(AccountKind.USERNAME, user),
        verb="completed" if completed else "launched",
        at=at if at.tzinfo else at.replace(tzinfo=UTC),
        external_id=node,
        progress=1.0 if completed else share,
    )


def _still_under_way(answer: Answer) -> SourceError | None:
    """Let the client wait and ask again while Kolibri prepares the export."""
    if f"/{_TASKS}" not in answer.url or answer.status != 200 or answer.is_html:
        return None
    task = answer.json()
    status = str(task.get("status", "")) if isinstance(task, Mapping) else ""
    if status in _UNDER_WAY and not answer.url.endswith(_TASKS):
        sentence = Wording("It is still preparing the log of its learners.")
        return SourceError(ErrorKind.TRANSIENT, sentence, retry_after=_ONCE_MORE)
    if status in {"FAILED", "CANCELED"}:
        return SourceError(
            ErrorKind.PARTIAL, Wording("It could not export the log of its learners.")
        )
    return None


def _unreadable() -> SourceError:
    return SourceError(ErrorKind.SCHEMA, Wording("Its log of learners reads otherwise than known."))
