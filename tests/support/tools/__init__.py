"""Fakes of tools that the tests of connectors and of the harvest talk to."""

from tests.support.tools.matrix import FakeMatrix
from tests.support.tools.mattermost import FakeMattermost
from tests.support.tools.slack import FakeSlack
from tests.support.tools.wordpress import FakeWordPress

FAKES = (
    FakeMatrix,
    FakeMattermost,
    FakeSlack,
    FakeWordPress,
)
