"""What somebody reads when a SAML message is refused; why it was stands in the audit log alone."""

from app.errors import Untrusted, Wording

UNREADABLE = Wording("The identity provider's answer cannot be read. Please sign in again.")
UNPROVEN = Wording(
    "The identity provider's answer does not prove who you are. Please sign in again."
)
LATE = Wording("The identity provider's answer came too late or too early. Please sign in again.")
USED = Wording("The identity provider's answer was used already. Please sign in again.")
UNASKED = Wording("This sign-in did not begin here. Please start from Foyer's sign-in page.")
DECLINED = Wording("The identity provider did not sign you in.")
CLOSED = Wording("This way to sign in is switched off.")
UNKNOWN_KEYS = Wording("What is known of the identity provider has run out.")
LOGOUT = Wording("This request to sign out does not prove where it comes from.")

_LONGEST_REASON = 400


def unreadable(reason: str) -> Untrusted:
    """Return the refusal of a message that is not what it should look like."""
    return Untrusted(UNREADABLE, reason[:_LONGEST_REASON])


def unproven(reason: str) -> Untrusted:
    """Return the refusal of a message that can be read but proves nothing."""
    return Untrusted(UNPROVEN, reason[:_LONGEST_REASON])


def late(reason: str) -> Untrusted:
    """Return the refusal of a message outside its time."""
    return Untrusted(LATE, reason[:_LONGEST_REASON])
