"""A tool that yields exactly the events that a test wrote down."""

from typing import ClassVar

from app.connectors.base import (
    Capabilities,
    Checkpoint,
    Presence,
    Proof,
    Quadrant,
    Spec,
    Upsert,
)
from app.connectors.mapping import Rule
from app.connectors.settings import ToolSettings
from app.errors import Wording

RULES = (
    Rule("title", "title"),
    Rule("summary", "summary"),
    Rule("url", "url", "address"),
    Rule("app_url", "app_url", "address"),
    Rule("kind", "kind", default="article"),
    Rule("level", "level", words={"easy": "beginner", "hard": "advanced"}),
    Rule("skills", "skills", "names"),
    Rule("keys", "keys", "names"),
)


def upsert(external_id, title="", **values):
    """Return an item as the tool describes it."""
    raw = {"title": title or f"Item {external_id}", "url": f"https://tool.test/{external_id}"}
    return Upsert(external_id, raw | values)


def end(cursor=b"end"):
    """Return the checkpoint at the end of a pull."""
    return Checkpoint(cursor, complete=True)


class Scripted:
    """`pulls` are lists of events, one for each pull; an exception among them is raised there.

    The last list is pulled again and again. `asked` notes each pull, `there` what a probe says.
    """

    def __init__(self):
        self.pulls = [[]]
        self.asked = []
        self.probed = []
        self.there = {}
        self.capabilities = Capabilities(delta=True)
        self.schemes = frozenset({"tool"})

    def found(self, _kind):
        """Return the connector that plays this script."""
        script = self

        class ScriptedConnector:
            spec: ClassVar[Spec] = Spec(
                kind="scripted",
                name="Scripted",
                summary=Wording("Events of a test."),
                family="library",
                quadrants=(Quadrant.DELIVER,),
                settings=ToolSettings,
                capabilities=script.capabilities,
                proof=Proof.DOCUMENTED,
                source="a test",
                mapping=RULES,
                schemes=script.schemes,
            )

            def __init__(self, _settings, http):
                self.http = http

            def check(self):
                yield from ()

            def pull(self, cursor, mode):
                script.asked.append((cursor, mode))
                events = script.pulls.pop(0) if len(script.pulls) > 1 else script.pulls[0]
                for event in events:
                    if isinstance(event, BaseException):
                        raise event
                    if callable(event):
                        event(self)
                    else:
                        yield event

            def probe(self, external_ids):
                script.probed.append(list(external_ids))
                return {one: script.there.get(one, Presence.UNKNOWN) for one in external_ids}

        return ScriptedConnector
