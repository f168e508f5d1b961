"""A real Kolibri 0.19 with two channels, three learners, and what they completed.

Its own server runs with a console inside (see kolibri_inside.py), since a device without a
network has no other way to change a channel.
"""

from multiprocessing.connection import Client
from pathlib import Path

from tests.support.servers.process import BUILT, Server, answers, installed, wait_until

LEARNERS = {"ada": "Ada Byron", "ben": "Ben Okafor", "chloe": "Chloé Petit"}
CHANNELS = {
    "Safety at work": (
        "en",
        {
            "Machines": [
                ("Lockout and tagout", "video", "Switch off, lock, tag, try."),
                ('R&D <Intro> "Q"', "document", "Rules & habits of the <laboratory>."),
                ("Press brake basics", "html5", "A simulation of the press brake."),
                ("Guards and fences", "exercise", "Ten questions on guards."),
            ],
            "Electricity": [
                ("Low voltage", "video", "What may be touched, and when."),
                ("Earthing", "document", "Why everything is earthed."),
                ("C++ for controllers", "html5", "Small programs for controllers."),
            ],
            "First aid": [
                ("Burns", "audio", "A podcast on burns."),
                ("Cuts", "video", "How to dress a cut."),
                ("First aid test", "exercise", "Twelve questions."),
            ],
        },
    ),
    "Sicherheit": (
        "de",
        {
            "Überdruck": [
                ("Ventile prüfen", "video", "Wie ein Ventil geprüft wird."),
                ("Störung melden", "document", "Wen man ruft."),
            ],
        },
    ),
}
DONE = [
    ("ada", "Lockout and tagout", 1.0, 310.5, "2026-11-02T08:00:00+00:00"),
    ("ada", "Guards and fences", 0.4, 120.0, "2026-11-03T08:00:00+00:00"),
    ("ben", "First aid test", 1.0, 600.0, "2026-11-04T09:30:00+00:00"),
    ("chloe", 'R&D <Intro> "Q"', 1.0, 95.0, "2026-11-05T10:00:00+00:00"),
]


class ConsoleError(Exception):
    """Kolibri refused a change; its own words stand in the message."""


class Kolibri(Server):
    """A learning platform that visitors may browse, with an administrator and learners."""

    user = "admin"
    password = "correct-horse-battery"

    def start(self):
        """Start Kolibri, make its facility, and fill its library."""
        python = installed(BUILT / "kolibri" / "bin" / "python", "Kolibri")
        self.console = str(self.folder / "console")
        inside = Path(__file__).with_name("kolibri_inside.py")
        process = self.spawn(
            [python, "-P", str(inside), str(self.port), self.console],
            env={
                "PATH": f"{Path(python).parent}:/usr/bin:/bin",
                "HOME": str(self.folder),
                "KOLIBRI_HOME": str(self.folder / "home"),
                "KOLIBRI_LISTEN_ADDRESS": "127.0.0.1",
                "KOLIBRI_ZEROCONF_ENABLED": "0",
                "KOLIBRI_DISABLE_PING": "1",
                "KOLIBRI_CHERRYPY_THREAD_POOL": "10",
            },
        )
        process.wait_until(lambda: answers(f"{self.url}/api/public/info/"), "an answer of Kolibri")
        self.facility = self.tell("provision", self.user, self.password, LEARNERS)
        self.reset()

    def reset(self):
        """Bring back the library and the logs as they were when it started."""
        self.channels, self.ids = self.tell("fill", CHANNELS)
        for done in DONE:
            self.complete(*done)

    def tell(self, command, *arguments, **fields):
        """Have the console inside Kolibri obey a command, and return its answer."""
        with Client(self.console, "AF_UNIX") as line:
            line.send((command, arguments, fields))
            done, answer = line.recv()
        if not done:
            raise ConsoleError(answer)
        return answer

    # Changing; each change publishes its channel with the next version

    def add(self, channel, topic, title, kind="video", description=""):
        """Add a resource to a topic, and return its id."""
        self.ids[title] = self.tell("add", channel, topic, title, kind, description)
        return self.ids[title]

    def change(self, title, /, **fields):
        """Change fields of a resource: `title`, `description`, `duration`, and so on."""
        self.tell("change", self.ids[title], **fields)

    def hide(self, title):
        """Make a resource unavailable, as when its files were removed from the device."""
        self.change(title, available=False)

    def show(self, title):
        """Make a resource available again."""
        self.change(title, available=True)

    def move(self, title, topic):
        """Put a resource under another topic."""
        self.tell("move", self.ids[title], self.ids[topic])

    def delete(self, title):
        """Take a resource out of its channel."""
        self.tell("delete", self.ids[title])

    def publish(self, channel):
        """Give a channel its next version, with nothing changed in it."""
        self.tell("publish", channel)

    def complete(self, username, title, progress=1.0, seconds=60.0, at="2026-11-06T08:00:00+00:00"):
        """Note that a learner worked on a resource, and completed it at a progress of 1."""
        self.tell("complete", username, self.ids[title], progress, seconds, at)

    def finish(self, username, title):
        """Have a learner open a resource and reach its end, now, over Kolibri's own API."""
        learner = self.signed_in(username)
        node = learner.get(f"/api/public/v2/contentnode/{self.ids[title]}/").json()
        about = {name: node[name] for name in ("content_id", "channel_id", "kind")}
        sent = "/api/logger/trackprogress/"
        begun = learner.post(sent, json={"node_id": node["id"], **about}).raise_for_status()
        end = {"progress": 1.0, "time_spent_delta": 60.0}
        learner.put(f"{sent}{begun.json()['session_id']}/", json=end).raise_for_status()

    # Asking

    def signed_in(self, username=None):
        """Return a visitor who signed in: the administrator, or the learner named."""
        visitor = self.visitor()
        visitor.get("/en/auth/").raise_for_status()  # sets the cookie against forged requests
        answer = visitor.post(
            "/api/auth/session/",
            json={
                "username": username or self.user,
                "password": self.password,
                "facility": self.facility,
            },
            headers={"X-CSRFToken": visitor.cookies.get("kolibri_csrftoken", "")},
        )
        answer.raise_for_status()
        visitor.headers["X-CSRFToken"] = visitor.cookies["kolibri_csrftoken"]
        return visitor

    def export(self, kind="summary", start="2026-01-01T00:00:00Z", end="2027-12-31T00:00:00Z"):
        """Return the log of all learners as Kolibri exports it for its administrator, as CSV."""
        administrator = self.signed_in()
        task = administrator.post(
            "/api/tasks/tasks/",
            json={
                "type": f"kolibri.core.logger.tasks.export{kind}logcsv",
                "facility": self.facility,
                "start_date": start,
                "end_date": end,
                "locale": "en",
            },
        )
        task.raise_for_status()
        at = f"/api/tasks/tasks/{task.json()['id']}/"
        wait_until(lambda: administrator.get(at).json()["status"] == "COMPLETED", "the export")
        answer = administrator.get(f"/facility/api/downloadcsvfile/{kind}/{self.facility}/")
        return answer.raise_for_status().text
