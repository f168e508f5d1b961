"""A real Matrix home server (Synapse on SQLite) with public rooms, a space and a private room.

Its limits are low enough to be met and high enough to be over within a second or two; access
tokens that can be renewed live for two seconds.
"""

import hashlib
import hmac
import json
import sqlite3
import time
from urllib.parse import quote

from tests.support.servers.process import BUILT, Server, answers, installed

NAME = "works.test"
SECRET = "a secret that registers"
ROOMS = {
    "help-cpp": ("C++ help", "Ask anything about C++"),
    "rnd": ('R&D <Intro> "Q"', "Research & development, <questions> welcome"),
    "welding": ("Welding", "Seams, gases, masks"),
    "press": ("Press brake", "Bending sheet metal"),
    "first-aid": ("First aid", "Who helps, and how"),
    "uberdruck": ("Überdruck", "Ventile und Kessel"),
    "safety-zh": ("安全", "Safety in Chinese"),
    "cafe": ("Café", "Lunch, menus, tables"),
    "newcomers": ("Newcomers", "First week questions"),
    "night-shift": ("Night shift", "Kettle and handover"),
    "spare-parts": ("Spare parts", "Where is it?"),
    "electrics": ("Electrics", "Low voltage only"),
}
IN_SPACE = ("welding", "press", "first-aid")
_CLIENT = "/_matrix/client/v3"


def _limit(per_second, burst):
    return {"per_second": per_second, "burst_count": burst}


LIMITS = {
    "rc_message": _limit(1, 5),
    "rc_login": {
        "address": _limit(1000, 1000),
        "account": _limit(0.5, 4),
        "failed_attempts": _limit(0.5, 4),
    },
    "rc_joins": {"local": _limit(1000, 1000), "remote": _limit(1000, 1000)},
    "rc_invites": {"per_room": _limit(1000, 1000), "per_user": _limit(1000, 1000)},
    "rc_room_creation": _limit(1000, 1000),
}


class Synapse(Server):
    """A home server whose rooms a person who signed in may list."""

    user = "foyer"
    password = "correct-horse-battery"

    def start(self):
        """Start the home server, and make its people and rooms."""
        self.python = installed(BUILT / "synapse" / "bin" / "python", "Synapse")
        self.database = self.folder / "homeserver.db"
        (self.folder / "homeserver.yaml").write_text(json.dumps(self._configuration()))
        (self.folder / "log.yaml").write_text(json.dumps({"version": 1}))
        self._serve()
        people = ("curator", True), (self.user, False), ("ada", False)
        self.tokens = {name: self._register(name, admin) for name, admin in people}
        self.ask(
            "POST",
            f"/_synapse/admin/v1/users/@curator:{NAME}/override_ratelimit",
            json={"messages_per_second": 0, "burst_count": 0},
        )
        self.rooms = {}
        for alias, (name, topic) in ROOMS.items():
            self.add(alias, name, topic)
        self.add("works", "All of the works", "The space", space=True)
        self.add("board", "Board", "Not for everybody", public=False)
        for alias in IN_SPACE:
            self._state("works", "m.space.child", {"via": [NAME]}, self.rooms[alias])
        self.kept_rooms = dict(self.rooms)
        self._copy(self.database, self.folder / "kept.db")

    def _configuration(self):
        resources = [{"names": ["client"], "compress": False}]
        listener = {"port": self.port, "bind_addresses": ["127.0.0.1"], "type": "http"}
        return LIMITS | {
            "server_name": NAME,
            "public_baseurl": self.url,
            "pid_file": str(self.folder / "homeserver.pid"),
            "listeners": [listener | {"tls": False, "resources": resources}],
            "database": {"name": "sqlite3", "args": {"database": str(self.database)}},
            "log_config": str(self.folder / "log.yaml"),
            "media_store_path": str(self.folder / "media"),
            "registration_shared_secret": SECRET,
            "macaroon_secret_key": "a secret of tokens",
            "form_secret": "a secret of forms",
            "signing_key": "ed25519 a_key AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "trusted_key_servers": [],
            "report_stats": False,
            "bcrypt_rounds": 4,
            "presence": {"enabled": False},
            "room_list_publication_rules": [{"action": "allow"}],
            "refreshable_access_token_lifetime": "2s",
        }

    def _serve(self):
        command = [self.python, "-m", "synapse.app.homeserver", "-c"]
        process = self.spawn([*command, str(self.folder / "homeserver.yaml")], cwd=self.folder)
        process.wait_until(
            lambda: answers(f"{self.url}/_matrix/client/versions"), "an answer of Synapse"
        )

    def _register(self, name, admin):
        """Register a person as `register_new_matrix_user` does, and return a lasting token."""
        path = "/_synapse/admin/v1/register"
        nonce = self.http.get(path).json()["nonce"]
        words = [nonce, name, self.password, "admin" if admin else "notadmin"]
        proof = hmac.new(SECRET.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        person = {"nonce": nonce, "username": name, "password": self.password}
        answer = self.http.post(path, json=person | {"admin": admin, "mac": proof})
        return answer.raise_for_status().json()["access_token"]

    # Asking

    @property
    def token(self):
        """Return the lasting access token of the person whom a connector signs in as."""
        return self.tokens[self.user]

    def ask(self, method, path, *, by="curator", **options):
        """Ask as somebody, by default as the administrator; return what is answered."""
        headers = {"Authorization": f"Bearer {self.tokens[by]}"}
        answer = self.http.request(method, path, headers=headers, **options)
        return answer.raise_for_status().json()

    def log_in(self, name="foyer"):
        """Return access_token, refresh_token and expires_in_ms of somebody who signs in anew.

        Waits as long as the home server says when somebody signed in too often.
        """
        login = {
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": self.password,
            "refresh_token": True,
        }
        while (answer := self.http.post(f"{_CLIENT}/login", json=login)).status_code == 429:
            time.sleep(answer.json()["retry_after_ms"] / 1000)
        return answer.raise_for_status().json()

    # Changing

    def add(self, alias, name, topic="", *, public=True, space=False):
        """Make a room (or a space), and return its id."""
        room = {
            "room_alias_name": alias,
            "name": name,
            "topic": topic,
            "visibility": "public" if public else "private",
            "preset": "public_chat" if public else "private_chat",
        }
        if space:
            room["creation_content"] = {"type": "m.space"}
        answer = self.ask("POST", f"{_CLIENT}/createRoom", json=room)
        self.rooms[alias] = answer["room_id"]
        return answer["room_id"]

    def rename(self, alias, name):
        """Give a room another name."""
        self._state(alias, "m.room.name", {"name": name})

    def retopic(self, alias, topic):
        """Give a room another topic."""
        self._state(alias, "m.room.topic", {"topic": topic})

    def hide(self, alias):
        """Take a room out of the public list."""
        self._list(alias, "private")

    def show(self, alias):
        """Put a room into the public list."""
        self._list(alias, "public")

    def delete(self, alias):
        """Remove a room with all that was said in it."""
        self.ask("DELETE", f"/_synapse/admin/v1/rooms/{self._id(alias)}", json={"purge": True})

    def join(self, alias, name="foyer"):
        """Let somebody join a public room."""
        self.ask("POST", f"{_CLIENT}/join/{self._id(alias)}", by=name, json={})

    def say(self, alias, text, by="curator", number=0):
        """Say something in a room, and return the id of what was said."""
        key = hashlib.sha1(f"{alias}{text}{by}{number}".encode()).hexdigest()
        path = f"{_CLIENT}/rooms/{self._id(alias)}/send/m.room.message/{key}"
        message = {"msgtype": "m.text", "body": text}
        return self.ask("PUT", path, by=by, json=message)["event_id"]

    def reset(self):
        """Start again with people and rooms as they were; takes some seconds."""
        self.end_processes()
        for name in ("homeserver.db-wal", "homeserver.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        self._copy(self.folder / "kept.db", self.database)
        self.rooms = dict(self.kept_rooms)
        self._serve()

    def _id(self, alias):
        return quote(self.rooms[alias])

    def _state(self, alias, kind, content, key=""):
        path = f"{_CLIENT}/rooms/{self._id(alias)}/state/{kind}/{quote(key)}"
        self.ask("PUT", path, json=content)

    def _list(self, alias, visibility):
        path = f"{_CLIENT}/directory/list/room/{self._id(alias)}"
        self.ask("PUT", path, json={"visibility": visibility})

    def _copy(self, source, target):
        target.unlink(missing_ok=True)
        read, written = sqlite3.connect(source), sqlite3.connect(target)
        read.backup(written)
        read.close()
        written.close()
