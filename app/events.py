"""Signals that travel upwards, so that no room has to import the one above it.

A sender passes the database session as the sender; receivers work inside the same transaction
unless the signal says otherwise. `app.factory` connects them from one literal list.
"""

from blinker import Signal

item_completed = Signal("(session, person_id, item_id, at): somebody finished an item")
item_reopened = Signal("(session, person_id, item_id): a completion was taken back")
item_launched = Signal("(session, person_id, item_id, at): somebody opened an item in its tool")
access_refused = Signal("(None, permission): a reader asked for a page they may not know of")
too_many = Signal("(None, group, by): somebody asks too often; sent once a minute for each sender")
person_joined = Signal("(session, person_id, at): a person was added to the directory")
items_stirred = Signal("(session, item_ids, at): these items may want a curator's look now")
person_changed = Signal("(session, person_id, at): roles, groups, first day or being active")
