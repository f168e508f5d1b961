"""What My data shows of the reader's accounts in tools."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.connectors.base import Proof
from app.harvest.own_accounts import OwnTool
from app.web.errors import translated


@dataclass(frozen=True, slots=True)
class SeenAccount:
    """A tool, and how the reader's account in it stands. `trouble` is empty where it works."""

    slug: str
    tool: str
    kind: str
    documented: bool
    offered: bool
    connected: bool
    account: str
    since: datetime | None
    trouble: str


def seen(own: OwnTool) -> SeenAccount:
    """Return what the page shows of one tool."""
    tool, account = own.connection.tool, own.account
    trouble = translated(account.trouble) if account else ""
    if account and not own.offered:
        trouble = _("This tool is not searched at the moment.")
    return SeenAccount(
        slug=tool.slug,
        tool=tool.name,
        kind=tool.kind,
        documented=own.spec.proof is Proof.DOCUMENTED,
        offered=own.offered,
        connected=account is not None and not account.trouble,
        account=account.name if account else "",
        since=account.connected_at if account else None,
        trouble=trouble,
    )
