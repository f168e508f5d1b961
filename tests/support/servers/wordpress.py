"""A real WordPress 6.1 with a MariaDB of its own: posts, pages, feeds, a sitemap, a REST API.

Its clock stands in Berlin, since WordPress compares times in the time of the site.
"""

import json
import os
import shutil

from tests.support.servers.php import PhpServer
from tests.support.servers.process import NotInstalledError, run

OPTIONS = {"timezone_string": "Europe/Berlin", "blogdescription": "News from the shop floor"}
_TITLES = {
    "Torque made easy": "How much, how often, and with which wrench.",
    'R&D <Intro> "Q"': "What research & development does, in <em>five</em> minutes.",
    "C++ at the press": "Controllers, and the code in them.",
    "Café opens at six": "It’s early – and it’s free.",
    "Überdruck im Kessel": "Was zu tun ist, wenn der Druck steigt.",
    "安全第一": "Safety first, in Chinese.",
    "Ten lessons from 2026": "What went wrong, and what we changed.",
    "New lathe arrived": "It came on Monday.",
    "Lockout in pictures": "Switch off, lock, tag, try.",
    "Meet the night shift": "Five people, one kettle.",
    "Gloves reviewed": "We tried eleven pairs.",
    "Spare parts by drone": "A test that failed well.",
    "Reading a gauge": "Bar, psi, and the red line.",
    "Welding course in May": "Twelve seats, two days.",
}
POSTS = [
    {
        "post_title": title,
        "post_content": f"<p>{text}</p>",
        "post_excerpt": text,
        "post_status": "publish",
        "post_type": "post",
        "post_date": f"2026-10-{number + 1:02d} 08:00:00",
        "categories": ["Safety"] if number % 2 else ["Machines"],
        "tags_input": ["beginners"] if number % 3 == 0 else [],
    }
    for number, (title, text) in enumerate(_TITLES.items())
] + [
    {"post_title": title, "post_content": "<p>Text.</p>", "post_type": kind, **more}
    for title, kind, more in [
        ("About us", "page", {"post_status": "publish"}),
        ("Contact", "page", {"post_status": "publish"}),
        ("Half a thought", "post", {"post_status": "draft"}),
        ("For editors only", "post", {"post_status": "private"}),
        ("With a password", "post", {"post_status": "publish", "post_password": "sesame"}),
        ("Next year", "post", {"post_status": "future", "post_date": "2037-01-01 08:00:00"}),
    ]
]
CONFIGURATION = """<?php
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'root' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:{socket}' );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
define( 'WP_HOME', '{url}' );
define( 'WP_SITEURL', '{url}' );
define( 'WP_CONTENT_DIR', '{content}' );
define( 'WP_DEFAULT_THEME', 'plain' );
define( 'WP_ENVIRONMENT_TYPE', 'local' );
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'DISABLE_WP_CRON', true );
define( 'WP_DEBUG', false );
foreach ( array( 'AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE' ) as $kind ) {{
	define( $kind . '_KEY', 'key of ' . $kind );
	define( $kind . '_SALT', 'salt of ' . $kind );
}}
$table_prefix = 'wp_';
"""
ROUTER = """<?php
$path = rawurldecode( parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH ) );
if ( '/' !== $path && file_exists( $_SERVER['DOCUMENT_ROOT'] . $path ) ) { return false; }
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
"""
THEME = {
    "style.css": "/* Theme Name: Plain */",
    "functions.php": """<?php
add_theme_support( 'automatic-feed-links' );
add_theme_support( 'title-tag' );
add_theme_support( 'post-thumbnails' );
""",
    "index.php": """<!doctype html><html <?php language_attributes(); ?>>
<head><meta charset="utf-8"><?php wp_head(); ?></head><body>
<?php while ( have_posts() ) { the_post(); the_title( '<h1>', '</h1>' ); the_content(); } ?>
<?php wp_footer(); ?></body></html>
""",
}
_QUERY = """
$db = new mysqli( null, 'root', '', '', 0, $argv[1] );
$db->set_charset( 'utf8mb4' );
$db->multi_query( stream_get_contents( STDIN ) );
$rows = array();
do {
	$result = $db->store_result();
	if ( $result ) { $rows = $result->fetch_all(); }
} while ( $db->more_results() && $db->next_result() );
echo json_encode( $rows );
"""


class WordPress(PhpServer):
    """A blog that everybody may read, with an administrator and an editor."""

    user = "admin"
    password = "correct-horse-battery"

    def start(self):
        """Start MariaDB, install WordPress, serve and fill it."""
        self.root = self.program("usr", "share", "wordpress")
        self.socket = str(self.folder / "mariadb.sock")
        self._start_database()
        self._configure()
        self._install()
        self.serve(self.root, self.folder / "router.php", ready="/wp-json/")
        self._keep()

    def _start_database(self):
        search = f"{os.environ['PATH']}:/usr/sbin"
        daemon = shutil.which("mariadbd", path=search)
        install = shutil.which("mariadb-install-db", path=search)
        if not daemon or not install:
            raise NotInstalledError("MariaDB")
        data = self.folder / "mariadb"
        data.mkdir()
        common = [
            *("--no-defaults", f"--datadir={data}", "--innodb-log-file-size=4M"),
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]
        normal = "--auth-root-authentication-method=normal"
        run([install, *common, normal, "--skip-test-db", "--skip-name-resolve"])
        (self.folder / "first.sql").write_text("CREATE DATABASE wordpress CHARACTER SET utf8mb4;\n")
        files = {
            "socket": self.socket,
            "init-file": self.folder / "first.sql",
            "pid-file": self.folder / "mariadb.pid",
            "tmpdir": self.folder,
        }
        process = self.spawn(
            [daemon, *common, "--skip-networking", *(f"--{k}={v}" for k, v in files.items())],
            name="mariadb",
        )
        process.wait_until(
            lambda: "ready for connections" in process.log.read_text(errors="replace"),
            "a database ready for connections",
        )

    def _configure(self):
        content = self.folder / "content"
        theme = content / "themes" / "plain"
        theme.mkdir(parents=True)
        for name, text in THEME.items():
            (theme / name).write_text(text)
        (self.folder / "router.php").write_text(ROUTER)
        (self.folder / "config.php").write_text(
            CONFIGURATION.format(root=self.root, socket=self.socket, url=self.url, content=content)
        )
        self.environment = {
            "WORDPRESS_CONFIG_FILE": str(self.folder / "config.php"),
            "WORDPRESS_ROOT": self.root,
            "WORDPRESS_HOST": f"127.0.0.1:{self.port}",
        }

    def _install(self):
        world = {
            "user": self.user,
            "password": self.password,
            "options": OPTIONS,
            "readers": {self.user: "administrator", "editor": "editor", "reader": "subscriber"},
            "posts": POSTS,
        }
        (self.folder / "world.json").write_text(json.dumps(world))
        script = __file__.removesuffix("py") + "php"
        made = json.loads(self.php(script, str(self.folder / "world.json")).splitlines()[-1])
        self.ids, self.application_passwords = made["ids"], made["passwords"]

    # Asking and changing

    def sql(self, statements):
        """Run SQL in the database `wordpress`, and return the rows of the last answer."""
        return json.loads(self.php("-r", _QUERY, self.socket, input=f"USE wordpress; {statements}"))

    def rest(self, method, path, *, by="admin", **options):
        """Ask the REST API below /wp-json/wp/v2/, by default as the administrator."""
        return self.http.request(
            method, f"/wp-json/wp/v2/{path}", auth=(by, self.application_passwords[by]), **options
        )

    def add(self, title, content="<p>Text.</p>", kind="posts", **fields):
        """Publish a post (or one of `pages`), and return its id."""
        fields = {"title": title, "content": content, "status": "publish"} | fields
        answer = self.rest("POST", kind, json=fields).raise_for_status()
        self.ids[title] = answer.json()["id"]
        return self.ids[title]

    def change(self, title, /, kind="posts", **fields):
        """Change fields of a post: `title`, `slug`, `content`, `status`, and so on."""
        self.rest("POST", f"{kind}/{self.ids[title]}", json=fields).raise_for_status()

    def hide(self, title, kind="posts"):
        """Let only editors see a post."""
        self.change(title, kind, status="private")

    def trash(self, title, kind="posts"):
        """Put a post into the trash."""
        self.rest("DELETE", f"{kind}/{self.ids[title]}").raise_for_status()

    def delete(self, title, kind="posts"):
        """Delete a post for good."""
        self.rest("DELETE", f"{kind}/{self.ids[title]}?force=true").raise_for_status()

    def stamp(self, title, modified):
        """Have a post be modified at `modified`, a time in UTC as "2026-11-01 08:00:00"."""
        self.sql(
            f"UPDATE wp_posts SET post_modified_gmt = '{modified}', post_modified ="
            f" CONVERT_TZ('{modified}', '+00:00', '+01:00') WHERE ID = {int(self.ids[title])}"
        )

    # Bringing back

    def reset(self):
        """Bring back the blog as it was when it started."""
        self.sql(
            "".join(f"DELETE FROM {t}; INSERT INTO {t} SELECT * FROM kept_{t};" for t in self.kept)
        )
        self.ids = dict(self.kept_ids)

    def _keep(self):
        self.kept = [name for (name,) in self.sql("SHOW TABLES")]
        self.kept_ids = dict(self.ids)
        self.sql("".join(f"CREATE TABLE kept_{t} AS SELECT * FROM {t};" for t in self.kept))
