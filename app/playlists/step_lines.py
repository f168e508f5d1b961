"""One step as its reader sees it: what it is, when it is due, and what they can do about it."""

from dataclasses import dataclass
from datetime import date

from flask_babel import format_date, gettext

from app.models import Kind, Meet, StepKind
from app.playlists.doing import may_be_done_by_hand, may_be_taken_back
from app.playlists.moments import Missed, clock_text
from app.playlists.plans import Plan
from app.playlists.progress import SETTLED, TO_DO, Colleague, DatedStep, PlannedStep, StepState
from app.web.i18n import day, when


@dataclass(frozen=True, slots=True, kw_only=True)
class DayChoice:
    """A day to which a step may be moved with one tap; `value` is what the form sends."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step as the component `ui.step` draws it; all that is said is in words already.

    `tells` says which tool tells us that it is done, `waits` for what it waits. `moves` are the
    days to which it can be moved with one tap, `earliest` the first to which it can be moved at
    all, empty where it cannot; `moves_first` tells that this is what its reader most likely wants.
    `away` says that it cannot be opened at present. Of an event, `place` and `joins` are where it
    is and where to join it, and `missed` says why its reader could not be there. Without a plan
    nothing can be done to a step.
    """

    id: int
    item_id: int | None
    title: str
    kind: str
    tool_name: str
    minutes: int | None
    state: str
    when: str
    note: str
    optional: bool = False
    waits: str = ""
    tells: str = ""
    meets: Colleague | None = None
    meets_line: str = ""
    done_label: str = ""
    may_undo: bool = False
    opens_as: str = ""
    moves: tuple[DayChoice, ...] = ()
    moves_first: bool = False
    moved: str = ""
    earliest: str = ""
    away: str = ""
    place: str = ""
    joins: str = ""
    missed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A step alone, or several of which one is enough."""

    lines: list[StepLine]

    @property
    def is_choice(self) -> bool:
        """Tell whether the reader may choose among them."""
        return len(self.lines) > 1


def planned_line(step: PlannedStep) -> StepLine:
    """Return the line of a step for a reader who does not follow the playlist."""
    state = StepState.AWAY if step.away else StepState.OPEN
    state = StepState.DONE if step.done_at else state
    return StepLine(
        id=step.id,
        item_id=step.item_id,
        title=step.title,
        kind=step.kind,
        tool_name=step.tool_name,
        minutes=step.minutes,
        state=state.value,
        when=_when_planned(step),
        note=step.note,
        optional=not step.required,
        place=step.place,
        opens_as="" if step.away else _opens_as(step),
        away=_away(step.away, ""),
    )


def dated_line(each: DatedStep, plan: Plan) -> StepLine:
    """Return the line of a step for the person who follows it."""
    step = each.step
    by_hand = may_be_done_by_hand(each)
    return StepLine(
        id=step.id,
        item_id=step.item_id,
        title=step.title,
        kind=step.kind,
        tool_name=step.tool_name,
        minutes=step.minutes,
        state=each.state.value,
        when=_when(each),
        note=step.note,
        optional=not step.required,
        waits=_waits(each),
        tells=_tells(each),
        meets=step.meets,
        meets_line=meets_line(step),
        done_label=_done_label(step) if by_hand else "",
        may_undo=may_be_taken_back(step),
        opens_as=_opens_as(step) if each.state in TO_DO else "",
        away=_away(each.state is StepState.AWAY, plan.contact.name if plan.contact else ""),
        moves=_moves(each, plan),
        moves_first=each.state is StepState.LATE,
        moved=_moved(each),
        earliest=plan.today.isoformat() if _may_be_moved(each) else "",
        place=step.place,
        joins="" if each.state in SETTLED or each.over else step.link,
        missed=_missed(step),
    )


def due_words(each: DatedStep) -> str:
    """Say when a step that is still to be done is due, or takes place: in 4 days."""
    if each.step.held and each.over:
        return gettext("Took place %(when)s", when=when(each.due_on))
    if each.step.held:
        time = clock_text(each.step.held)
        return gettext("Takes place %(when)s at %(time)s", when=when(each.due_on), time=time)
    if each.state is StepState.LATE:
        return gettext("Late, was due %(when)s", when=when(each.due_on))
    if each.over:
        return gettext("Was due %(when)s", when=when(each.due_on))
    return gettext("Due %(when)s", when=when(each.due_on))


def day_choices(plan: Plan, *, but: date | None = None) -> tuple[DayChoice, ...]:
    """Return today, if the person works, and their next working day, without the day `but`."""
    free, today = plan.calendar.free, plan.today
    following = free.working_after(today)
    days = [day for day in (today, following) if day not in free and day != but]
    return tuple(DayChoice(label=_called(each, today), value=each.isoformat()) for each in days)


def meets_line(step: PlannedStep) -> str:
    """Say what the person to meet is to the reader, or that nobody is known yet."""
    if step.what is not StepKind.MEET:
        return ""
    said = (
        {
            Meet.BUDDY: (gettext("Your buddy"), gettext("Your buddy is not named yet.")),
            Meet.MANAGER: (gettext("Your manager"), gettext("Your manager is not known here yet.")),
            Meet.CONTACT: (
                gettext("Your contact for this playlist"),
                gettext("A contact for this playlist is not named yet."),
            ),
        }.get(Meet(step.meets_as))
        if step.meets_as
        else None
    )
    if said is None:
        return step.meets.detail if step.meets else gettext("They have left, ask your contact.")
    return said[0] if step.meets else said[1]


def _away(is_away: bool, contact: str) -> str:
    if not is_away:
        return ""
    if contact:
        return gettext("Not available at present, ask %(name)s.", name=contact)
    return gettext("Not available at present. Its curators know.")


def _called(each: date, today: date) -> str:
    distance = (each - today).days
    if distance == 0:
        return gettext("Today")
    if distance == 1:
        return gettext("Tomorrow")
    return format_date(each, "EEEE")


def _when(each: DatedStep) -> str:
    if each.step.done_at is not None:
        return gettext("Completed %(day)s", day=day(each.step.done_at))
    if each.state is StepState.SPARE:
        return gettext("Not needed any more")
    if each.state is StepState.AWAY:
        return gettext("Not required meanwhile")
    return f"{due_words(each)}, {day(each.due_on)}"


def _when_planned(step: PlannedStep) -> str:
    """Say when a step is due for somebody who does not follow the playlist."""
    if step.done_at:
        return gettext("Completed %(day)s", day=day(step.done_at))
    if step.held:
        time = clock_text(step.held)
        return gettext("On %(day)s at %(time)s", day=day(step.held.day), time=time)
    return gettext("By day %(number)s", number=step.due_day)


def _missed(step: PlannedStep) -> str:
    """Say kindly why the reader could not be at an event."""
    if step.done_at or step.held is None or step.held.missed is None:
        return ""
    if step.held.missed is Missed.BEFORE:
        return gettext("It was before your time. Nothing is missing.")
    return gettext("You were away for it. Nothing is missing.")


def _waits(each: DatedStep) -> str:
    if each.state is not StepState.WAITING:
        return ""
    titles = ", ".join(gettext("“%(title)s”", title=need.title) for need in each.waits_for)
    return gettext("Waits until you have done %(titles)s", titles=titles)


def _tells(each: DatedStep) -> str:
    if not each.step.told or each.state not in TO_DO:
        return ""
    return gettext("%(tool)s tells us when you are done.", tool=each.step.tool_name)


def _done_label(step: PlannedStep) -> str:
    if step.kind == Kind.CHANNEL.value:
        return gettext("I am in it")
    if step.kind == Kind.EVENT.value:
        return gettext("I was there")
    return gettext("Mark done") if step.item_id else gettext("Done")


def _opens_as(step: PlannedStep) -> str:
    if step.item_id is None:
        return ""
    return gettext("Join") if step.kind == Kind.CHANNEL.value else gettext("Start")


def _moves(each: DatedStep, plan: Plan) -> tuple[DayChoice, ...]:
    if not _may_be_moved(each):
        return ()
    return day_choices(plan, but=each.due_on)


def _may_be_moved(each: DatedStep) -> bool:
    return each.may_move and each.state not in SETTLED


def _moved(each: DatedStep) -> str:
    if not each.is_moved or each.state in SETTLED:
        return ""
    return gettext("Moved by you, the plan says %(day)s", day=day(each.planned))
