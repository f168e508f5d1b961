"""What is told of a number of people: whole groups alone, so that nobody is found by subtraction.

Whoever looks twice, today and tomorrow or here and there, subtracts. So a number of people is told
in whole groups of five (or of the company's own smallest group): 15+ stands for 15 to 19, and what
is not a group is told as fewer than one, nobody included. Of a total the last two groups are told
as one: that all have done something is told as that all but a few have. Of a total of one group it
is told whether a group has. Every number that is told of a larger one then stands for five true
ones or more, whatever else is known of it, and the difference of two numbers is nothing or a
group. A sum beside its parts is the sum of what is told of the parts, so that it adds nothing to
them; a mean is told in halves.

What remains: who sees a number pass from one group to the next knows that somebody has moved. On
disclosure by subtraction see Fellegi, "On the question of statistical confidentiality" (1972).
"""

FEWEST = 5


class AtLeast(int):
    """A number of people that stands for itself and a few more: written 15+, counted as 15."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return the number with a plus sign."""
        return f"{int(self)}+"


def told(people: int, *, fewest: int = FEWEST) -> AtLeast:
    """Return the whole groups in a number of people; 0 for fewer than a group.

    A group is of `fewest` people, and never of fewer than five.
    """
    size = max(fewest, FEWEST)
    return AtLeast(people - people % size)


def told_of(some: int, total: int, *, fewest: int = FEWEST) -> AtLeast | None:
    """Return the whole groups in `some` of `total` people; None where there is not a group.

    All of two groups or more are told as so many as could be with a group left over: 13 of 13 as
    5+ of 10+. 5, 6 and 7 of 7 are told as 5+ of 5+.
    """
    size = max(fewest, FEWEST)
    if total < size:
        return None
    return min(told(some, fewest=size), AtLeast(max(told(total, fewest=size) - size, size)))


def told_mean(mean: float, people: int, *, fewest: int = FEWEST) -> float | None:
    """Return a mean to the next half; None where it is of fewer than a group."""
    return round(2 * mean) / 2 if told(people, fewest=fewest) else None
