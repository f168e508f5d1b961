"""Makes playlists of every kind of step for tests."""

from app.models import Playlist, Step, StepNeed, audience_of

EVENT_FORM = {
    "title": "Town hall",
    "due_day": "3",
    "required": "yes",
    "date": "2026-11-24",
    "time": "14:00",
    "zone": "Europe/Berlin",
    "minutes": "90",
    "place": "Aula",
    "link": "https://meet.example.org/hall",
}


def playlist_of(make, *steps, **values):
    """Return a playlist with these steps, each a dict; those without an item are tasks.

    `needs` are places of other steps, counted from 0.
    """
    audience = values.pop("audience", ("everyone",))
    playlist = Playlist(
        slug=values.pop("slug", "first-days"),
        title=values.pop("title", "Your first days"),
        days=values.pop("days", 30),
        audience_id=audience_of(make.session, audience).id,
        **values,
    )
    make.session.add(playlist)
    make.session.flush()
    rows = []
    for place, given in enumerate(steps):
        given = dict(given)
        needs, item = given.pop("needs", ()), given.pop("item", None)
        kind = given.pop("kind", "item" if item else "task")
        title = "" if item else given.pop("title", f"Task {place}")
        row = Step(
            playlist_id=playlist.id,
            item_id=item.id if item else None,
            kind=kind,
            title=title,
            position=place,
            due_day=given.pop("due_day", 1),
            **given,
        )
        make.session.add(row)
        make.session.flush()
        rows.append(row)
        make.session.add_all(StepNeed(step_id=row.id, needs_id=rows[number].id) for number in needs)
    make.session.flush()
    return playlist, rows
