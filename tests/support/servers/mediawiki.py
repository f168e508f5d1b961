"""A real MediaWiki 1.39 on SQLite with a small manual in it.

Its own program writes the tables, its own API the pages. One worker answers, so that recent
changes and the search index hold what the last answer said.
"""

import shutil
import sqlite3
from contextlib import closing
from xml.sax.saxutils import escape

from tests.support.servers.php import PhpServer

PAGES = {
    "Torque wrench": "Set the '''torque''' before each shift. [[Category:Tools]]",
    "Pressure valve": "How to read a pressure valve. See [[Torque wrench]]. [[Category:Valves]]",
    "Relief valve": "A relief valve opens by itself. [[Category:Valves]]",
    'R&D "Q" handbook': 'Rules of R&D: <nowiki><Intro> & "Q"</nowiki>. [[Category:Research]]',
    "C++ style guide": "How we write C++: names, headers, tests. [[Category:Research]]",
    "Café rules": "Opening hours of the café – also for visitors.",
    "Überdruck": "Was tun bei Überdruck: Ventil öffnen, Schicht rufen. [[Category:Valves]]",
    "安全手册": "安全第一。 Safety first, in Chinese.",
    "Onboarding": "Your first week.\n\n== Monday ==\nKeys.\n\n== Tuesday ==\nTraining.",
    "Onboarding/Checklist": "* Laptop\n* Badge\n* Safety training",
    "Safety training": "Every year, with a test. It's short.",
    "Shift handover": "Who tells whom what at the end of a shift.",
    "Spare parts": "Where they lie and how to order them.",
    "Old torque page": "#REDIRECT [[Torque wrench]]",
    "Help:Editing": "How to edit this wiki.",
    "Talk:Torque wrench": "Is the table still right?",
}
SETTINGS = """
$wgMainCacheType = CACHE_NONE;
$wgParserCacheType = CACHE_NONE;
$wgLanguageCode = 'en';
$wgEnableUploads = false;
$wgShowExceptionDetails = true;
$wgRateLimits = [];
if ( is_file( __DIR__ . '/more.php' ) ) { require __DIR__ . '/more.php'; }
"""
_EXPORT = (
    '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.10/" version="0.10" xml:lang="en">'
    "<page><title>{title}</title><ns>0</ns><revision><timestamp>{timestamp}</timestamp>"
    "<contributor><username>Elsewhere</username></contributor><model>wikitext</model>"
    '<format>text/x-wiki</format><text xml:space="preserve">{text}</text>'
    "</revision></page></mediawiki>"
)


class MediaWiki(PhpServer):
    """A wiki that everybody may read, with an administrator who may do everything."""

    user = "Admin"
    password = "correct-horse-battery"
    bot_user = "Admin@foyer"
    bot_password = "0123456789abcdef0123456789abcdef"

    def start(self):
        """Make the wiki, serve it, and write its pages."""
        self.root = self.program("usr", "share", "mediawiki")
        self._install()
        self.serve(self.root, ready="/api.php?action=query&format=json")
        self.log_in()
        self.ids = {title: self.write(title, text) for title, text in PAGES.items()}
        self._keep()

    def _install(self):
        arguments = [
            *("--dbtype", "sqlite", "--dbpath", str(self.folder / "data"), "--dbname", "wiki"),
            *("--server", self.url, "--scriptpath", "", "--confpath", str(self.folder)),
            *("--pass", self.password, "Works wiki", self.user),
        ]
        (self.folder / "data").mkdir()
        self.php(f"{self.root}/maintenance/install.php", *arguments)
        self.environment = {"MW_CONFIG_FILE": str(self.folder / "LocalSettings.php")}
        with (self.folder / "LocalSettings.php").open("a") as settings:
            settings.write(SETTINGS)
        self.php(
            f"{self.root}/maintenance/createBotPassword.php",
            *("--appid", "foyer", "--grants", "basic,highvolume"),
            *(self.user, self.bot_password),
        )

    # Asking

    def api(self, **parameters):
        """Return what the API answers to a question, asked by nobody in particular."""
        form = {"format": "json", "formatversion": "2"}
        return self.http.get("/api.php", params=form | parameters).json()

    def log_in(self):
        """Sign the administrator in, and keep the token with which to change pages."""
        self.client = self.visitor()
        token = self._ask(action="query", meta="tokens", type="login")["query"]["tokens"]
        self._send(
            action="login", lgname=self.user, lgpassword=self.password, lgtoken=token["logintoken"]
        )
        self.token = self._ask(action="query", meta="tokens")["query"]["tokens"]["csrftoken"]

    # Changing

    def write(self, title, text):
        """Make or change a page, and return its id."""
        return self._change(action="edit", title=title, text=text)["edit"]["pageid"]

    def delete(self, title):
        """Delete a page."""
        self._change(action="delete", title=title, reason="out of date")

    def restore(self, title):
        """Bring a deleted page back."""
        self._change(action="undelete", title=title)

    def move(self, title, to, *, redirect=True):
        """Move a page, leaving a redirect behind or not."""
        more = {} if redirect else {"noredirect": "1"}
        self._change(action="move", **{"from": title, "to": to}, **more)

    def bring_in(self, title, text, timestamp="2019-05-04T03:02:01Z"):
        """Import a page whose only revision keeps the old time `timestamp`."""
        page = _EXPORT.format(title=escape(title), text=escape(text), timestamp=timestamp)
        self._change(
            files={"xml": ("page.xml", page.encode(), "application/xml")},
            action="import",
            interwikiprefix="elsewhere",
        )

    def forget_changes(self, *logs):
        """Forget the recent changes, as they are after 90 days, and all logs but the ones named."""
        kept = ", ".join("?" * len(logs))
        with closing(sqlite3.connect(self.folder / "data" / "wiki.sqlite")) as database:
            database.execute("DELETE FROM recentchanges")
            database.execute(f"DELETE FROM logging WHERE log_type NOT IN ({kept})", logs)
            database.commit()

    def set(self, lines):
        """Put PHP `lines` at the end of the settings; the next request obeys them."""
        (self.folder / "more.php").write_text(f"<?php\n{lines}\n")

    def close_to_visitors(self):
        """Let only people who signed in read the wiki."""
        self.set("$wgGroupPermissions['*']['read'] = false;")

    def reset(self):
        """Bring back the wiki as it was when it started."""
        (self.folder / "more.php").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "data", ignore_errors=True)  # the server may be writing there
        shutil.copytree(self.folder / "kept", self.folder / "data", dirs_exist_ok=True)
        self.log_in()

    def _keep(self):
        shutil.copytree(self.folder / "data", self.folder / "kept")

    def _ask(self, **parameters):
        parameters |= {"format": "json", "formatversion": "2"}
        return _answer(self.client.get("/api.php", params=parameters))

    def _send(self, files=None, **parameters):
        parameters |= {"format": "json", "formatversion": "2"}
        return _answer(self.client.post("/api.php", data=parameters, files=files))

    def _change(self, files=None, **parameters):
        return self._send(files=files, token=self.token, **parameters)


def _answer(response):
    answer = response.raise_for_status().json()
    assert "error" not in answer, answer["error"]
    return answer
