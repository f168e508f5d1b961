"""What runs in Kolibri's own interpreter: its server, and a console that changes its content.

Kolibri keeps what it read of its content in the memory of its process; a change from outside
would not be seen before an hour has passed. So the console runs in the same process and does what
Kolibri's own import does: it writes the rows, then renews the key of that cache.

Called with a port and the path of the console's socket.
"""

import datetime as dt
import sys
import threading
import traceback
import uuid
from multiprocessing.connection import Listener

from kolibri.main import initialize

initialize()

from django.db import connections  # noqa: E402
from kolibri.core.auth.models import Facility, FacilityUser  # noqa: E402
from kolibri.core.content.models import ChannelMetadata, ContentNode, Language  # noqa: E402
from kolibri.core.content.utils.annotation import set_channel_ancestors  # noqa: E402
from kolibri.core.device.models import ContentCacheKey  # noqa: E402
from kolibri.core.device.utils import setup_device_and_facility  # noqa: E402
from kolibri.core.logger.models import ContentSessionLog, ContentSummaryLog  # noqa: E402
from kolibri.utils.server import KolibriProcessBus  # noqa: E402


def key_of(*words):
    """Return the id that `words` always get."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(words)).hex


def provision(administrator, password, learners):
    """Make the facility with its administrator and its learners; return its id."""
    setup_device_and_facility(
        None, "Works", "formal", {}, {"language_id": "en"}, administrator, password
    )
    facility = Facility.objects.get()
    for username, name in learners.items():
        learner = FacilityUser(username=username, full_name=name, facility=facility)
        learner.set_password(password)
        learner.save()
    return facility.id


def fill(channels):
    """Put exactly `channels` into the library; return the ids of channels and of titles."""
    ContentSummaryLog.objects.all().delete()
    ContentSessionLog.objects.all().delete()
    for channel in ChannelMetadata.objects.all():
        channel.delete_content_tree_and_files()
    for order, (name, (language, topics)) in enumerate(channels.items()):
        _make_channel(name, language, topics, order)
    renew()
    return (
        dict(ChannelMetadata.objects.values_list("name", "id")),
        dict(ContentNode.objects.filter(level__gt=0).values_list("title", "id")),
    )


def _make_channel(name, language, topics, order):
    Language.objects.get_or_create(
        id=language,
        defaults={"lang_code": language, "lang_name": language, "lang_direction": "ltr"},
    )
    tree = _node(name, name, "topic", "", language) | {
        "children": [
            _node(name, topic, "topic", "", language, name)
            | {"children": [_node(name, *resource, language, topic) for resource in resources]}
            for topic, resources in topics.items()
        ]
    }
    ContentNode.objects.bulk_create(ContentNode.objects.build_tree_nodes(tree))
    ChannelMetadata.objects.create(
        id=key_of(name),
        name=name,
        description=f"All about {name}",
        author="Works",
        version=1,
        order=order,
        min_schema_version="5",
        public=True,
        root_id=key_of(name, name),
        last_updated=dt.datetime.now(dt.UTC),
    )
    set_channel_ancestors(key_of(name))


def _node(channel, title, kind, description, language, parent=None):
    return {
        "parent_id": parent and key_of(channel, parent),
        "id": key_of(channel, title),
        "content_id": key_of("content", channel, title),
        "channel_id": key_of(channel),
        "title": title,
        "kind": kind,
        "description": description,
        "lang_id": language,
        "available": True,
        "author": "Works",
        "license_name": "CC BY",
        "duration": None if kind == "topic" else 300,
    }


def add(channel, topic, title, kind, description):
    """Put a new resource at the end of a topic; return its id."""
    parent = ContentNode.objects.get(id=key_of(channel, topic))
    node = _node(channel, title, kind, description, parent.lang_id, topic)
    ContentNode.objects.bulk_create(ContentNode.objects.build_tree_nodes(node, target=parent))
    set_channel_ancestors(key_of(channel))
    publish(channel)
    return node["id"]


def change(node, **fields):
    """Change fields of a resource or topic."""
    ContentNode.objects.filter(id=node).update(**fields)
    publish_of(node)


def move(node, to):
    """Put a resource under another topic of its channel."""
    moved = ContentNode.objects.get(id=node)
    moved.move_to(ContentNode.objects.get(id=to), "last-child")
    set_channel_ancestors(moved.channel_id)
    publish_of(node)


def delete(node):
    """Take a resource out of its channel."""
    gone = ContentNode.objects.get(id=node)
    channel = gone.channel_id
    gone.delete()
    _publish(channel)


def publish_of(node):
    """Publish the channel that a resource belongs to."""
    _publish(ContentNode.objects.get(id=node).channel_id)


def publish(channel):
    """Give a channel its next version, as importing it again would."""
    _publish(key_of(channel))


def _publish(channel_id):
    channel = ChannelMetadata.objects.get(id=channel_id)
    channel.version += 1
    channel.last_updated = dt.datetime.now(dt.UTC)
    channel.save()
    renew()


def renew():
    """Have Kolibri read its content anew."""
    ContentCacheKey.update_cache_key()


def complete(username, node, progress, seconds, at):
    """Note that a learner worked on a resource; from a progress of 1 on it is completed."""
    user = FacilityUser.objects.get(username=username)
    done = ContentNode.objects.get(id=node)
    start = dt.datetime.fromisoformat(at)
    end = start + dt.timedelta(seconds=seconds)
    common = {
        "user": user,
        "content_id": done.content_id,
        "channel_id": done.channel_id,
        "start_timestamp": start,
        "end_timestamp": end,
        "time_spent": seconds,
        "progress": progress,
        "kind": done.kind,
    }
    ContentSummaryLog(completion_timestamp=end if progress >= 1 else None, **common).save()
    ContentSessionLog(extra_fields={"context": {"node_id": done.id}}, **common).save()


COMMANDS = {
    command.__name__: command
    for command in (provision, fill, add, change, move, delete, publish, complete)
}


def obey(path):
    """Answer one command after the other at the socket `path`."""
    with Listener(path, "AF_UNIX") as listener:
        while True:
            with listener.accept() as line:
                name, arguments, fields = line.recv()
                try:
                    line.send((True, COMMANDS[name](*arguments, **fields)))
                except Exception:
                    line.send((False, traceback.format_exc()))
                finally:
                    connections.close_all()


def main(port, path):
    """Serve Kolibri at `port`, and its console at `path`."""
    threading.Thread(target=obey, args=(path,), daemon=True).start()
    KolibriProcessBus(port=int(port), zip_port=0).run()


main(*sys.argv[1:])
