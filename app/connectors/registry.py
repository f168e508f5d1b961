"""Every kind of tool that Foyer can be connected to; a new one is one line here."""

from typing import Any

from app.connectors.base import Connector
from app.connectors.http import Http
from app.connectors.settings import ToolSettings
from app.connectors.tools.confluence import Confluence
from app.connectors.tools.drop import Drop
from app.connectors.tools.feed import Feed
from app.connectors.tools.kolibri import Kolibri
from app.connectors.tools.linkedin import LinkedInLearning
from app.connectors.tools.lrs import Lrs
from app.connectors.tools.lti import Lti
from app.connectors.tools.matrix import Matrix
from app.connectors.tools.mattermost import Mattermost
from app.connectors.tools.mediawiki import MediaWiki
from app.connectors.tools.moodle import Moodle
from app.connectors.tools.peertube import PeerTube
from app.connectors.tools.sitemap import Sitemap
from app.connectors.tools.slack import Slack
from app.connectors.tools.teams import Teams
from app.connectors.tools.wordpress import WordPress

CONNECTORS: tuple[type[Connector], ...] = (
    Confluence,
    Drop,
    Feed,
    Kolibri,
    LinkedInLearning,
    Lrs,
    Lti,
    Matrix,
    Mattermost,
    MediaWiki,
    Moodle,
    PeerTube,
    Sitemap,
    Slack,
    Teams,
    WordPress,
)


def connector_for(kind: str) -> type[Connector] | None:
    """Return the connector for a kind of tool, or None where there is none."""
    return next((each for each in CONNECTORS if each.spec.kind == kind), None)


def connected(kind: type[Connector], settings: ToolSettings, http: Http) -> Connector:
    """Return a connector with its settings and the client that it asks with."""
    made: Any = kind
    found: Connector = made(settings, http)
    return found
