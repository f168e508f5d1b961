"""Fakes of tools that the tests of connectors and of the harvest talk to."""

from tests.support.tools.confluence import FakeConfluence
from tests.support.tools.drop import FakeDrop
from tests.support.tools.feed import FakeFeed
from tests.support.tools.kolibri import FakeKolibri
from tests.support.tools.linkedin import FakeLinkedIn
from tests.support.tools.lrs import FakeLrs
from tests.support.tools.matrix import FakeMatrix
from tests.support.tools.mattermost import FakeMattermost
from tests.support.tools.mediawiki import FakeMediaWiki
from tests.support.tools.moodle import FakeMoodle
from tests.support.tools.peertube import FakePeerTube
from tests.support.tools.sitemap import FakeSitemap
from tests.support.tools.slack import FakeSlack
from tests.support.tools.teams import FakeTeams
from tests.support.tools.wordpress import FakeWordPress

FAKES = (
    FakeConfluence,
    FakeDrop,
    FakeFeed,
    FakeKolibri,
    FakeLinkedIn,
    FakeLrs,
    FakeMatrix,
    FakeMattermost,
    FakeMediaWiki,
    FakeMoodle,
    FakePeerTube,
    FakeSitemap,
    FakeSlack,
    FakeTeams,
    FakeWordPress,
)
