"""Fakes of tools that the tests of connectors and of the harvest talk to."""

from tests.support.tools.lrs import FakeLrs
from tests.support.tools.matrix import FakeMatrix
from tests.support.tools.mattermost import FakeMattermost
from tests.support.tools.slack import FakeSlack
from tests.support.tools.teams import FakeTeams
from tests.support.tools.wordpress import FakeWordPress

FAKES = (
    FakeLrs,
    FakeMatrix,
    FakeMattermost,
    FakeSlack,
    FakeTeams,
    FakeWordPress,
)
