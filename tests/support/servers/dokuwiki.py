"""A real DokuWiki in files, with pages for everybody and pages for one group only.

Its core knows no moving of pages, and deletes one by writing nothing into it. Under PHP 8.2 its
feed answers 200 with an error page as soon as a deleted page is among the latest changes.
"""

import shutil
import xmlrpc.client

from tests.support.servers.php import PhpServer

PAGES = {
    "start": "====== Works wiki ======\nStart here.",
    "tools:torque_wrench": "====== Torque wrench ======\nSet the torque before each shift.",
    "tools:press_brake": "====== Press brake ======\nBending sheet metal.",
    "tools:lathe": "====== Lathe ======\nSpeeds and feeds.",
    "research:rnd": '====== R&D <Intro> "Q" ======\nRules & habits of the <laboratory>.',
    "research:cpp": "====== C++ style ======\nHow we write C++.",
    "safety:ueberdruck": "====== Überdruck ======\nVentil öffnen, Schicht rufen.",
    "safety:first_aid": "====== First aid ======\nWho helps, and how.",
    "safety:lockout": "====== Lockout ======\nSwitch off, lock, tag, try.",
    "people:cafe": "====== Café ======\nOpening hours.",
    "people:newcomers": "====== Newcomers ======\nYour first week.",
    "people:handover": "====== Shift handover ======\nWho tells whom what.",
    "hr:salaries": "====== Salaries ======\nNot for everybody.",
    "hr:reviews": "====== Reviews ======\nNot for everybody either.",
}
RIGHTS = {"*": {"@ALL": 1, "@user": 1}, "hr:*": {"@ALL": 0, "@user": 0, "@hr": 1}}
PEOPLE = {"curator": "admin,user", "foyer": "user", "henrietta": "user,hr"}
SETTINGS = """<?php
$conf['title'] = 'Works wiki';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['savedir'] = '{folder}/data';
$conf['remote'] = 1;
$conf['remoteuser'] = '';
$conf['rss_type'] = 'rss2';
$conf['rss_update'] = 0;
$conf['useheading'] = 1;
$conf['sitemap'] = 1;
$conf['updatecheck'] = 0;
$conf['disableactions'] = 'register';
"""
PREPEND = """<?php
define( 'DOKU_MAIN_CONF', '{folder}/conf/' );
define( 'DOKU_CONF', '{folder}/conf/' );
"""
_HASH = "echo password_hash($argv[1], PASSWORD_BCRYPT, ['cost' => 4]);"


class DokuWiki(PhpServer):
    """A wiki that visitors may read but for the pages of one namespace."""

    user = "foyer"
    password = "correct-horse-battery"

    def start(self):
        """Write the configuration, serve the wiki, and write its pages."""
        self.root = self.program("usr", "share", "dokuwiki")
        self._configure()
        self.serve(self.root, ready="/doku.php?id=start")
        for page, text in PAGES.items():
            self.write(page, text)
        shutil.copytree(self.folder / "data", self.folder / "kept")

    def _configure(self):
        conf = self.folder / "conf"
        shutil.copytree(
            self.program("etc", "dokuwiki"), conf, ignore=shutil.ignore_patterns("*.auth.php")
        )
        shutil.copytree(
            self.program("var", "lib", "dokuwiki", "data"),
            self.folder / "data",
            ignore=shutil.ignore_patterns("playground", "wiki"),
        )
        hashed = self.php("-r", _HASH, self.password)
        for name, text in {
            "conf/local.php": SETTINGS.format(folder=self.folder),
            "prepend.php": PREPEND.format(folder=self.folder),
            "conf/users.auth.php": "".join(
                f"{name}:{hashed}:{name.title()}:{name}@example.com:{groups}\n"
                for name, groups in PEOPLE.items()
            ),
        }.items():
            (self.folder / name).write_text(text)
        self.allow(RIGHTS)
        self.settings["auto_prepend_file"] = str(self.folder / "prepend.php")

    # Asking

    def ask(self, method, *arguments, by="foyer"):
        """Return what the XML-RPC interface answers to somebody, or to nobody (`by=None`).

        Times stay text: DokuWiki writes them in another form than XML-RPC demands.
        """
        name = f"{by}:{self.password}@" if by else ""
        url = f"http://{name}127.0.0.1:{self.port}/lib/exe/xmlrpc.php"
        with xmlrpc.client.ServerProxy(url) as wiki:
            return getattr(wiki, method)(*arguments)

    # Changing

    def write(self, page, text):
        """Make or change a page, as the administrator."""
        self.ask("wiki.putPage", page, text, {"sum": "", "minor": False}, by="curator")

    def delete(self, page):
        """Delete a page."""
        self.write(page, "")

    def hide(self, page):
        """Let only administrators read a page."""
        self.allow(RIGHTS | {page: {"@ALL": 0, "@user": 0}})

    def allow(self, rights):
        """Set the rights: 0 nothing, 1 read, 2 write, 16 delete, by page and by group."""
        lines = [
            f"{page}\t{group}\t{level}"
            for page, levels in rights.items()
            for group, level in levels.items()
        ]
        (self.folder / "conf" / "acl.auth.php").write_text("\n".join(lines) + "\n")

    def reset(self):
        """Bring back pages and rights as they were when it started."""
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "kept", self.folder / "data")
        self.allow(RIGHTS)
