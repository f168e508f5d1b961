"""Other people's servers, each started once when the first test asks for it.

With several processes, all tests of this folder run in the same one.
"""

import pytest

from tests.support.servers.dokuwiki import DokuWiki
from tests.support.servers.kolibri import Kolibri
from tests.support.servers.mediawiki import MediaWiki
from tests.support.servers.ralph import Ralph
from tests.support.servers.synapse import Synapse
from tests.support.servers.wordpress import WordPress


@pytest.fixture(scope="session")
def kolibri(tmp_path_factory):
    """Return a running Kolibri with two channels."""
    with Kolibri(tmp_path_factory.mktemp("kolibri")) as server:
        yield server


@pytest.fixture(scope="session")
def mediawiki(tmp_path_factory):
    """Return a running MediaWiki with a few pages."""
    with MediaWiki(tmp_path_factory.mktemp("mediawiki")) as server:
        yield server


@pytest.fixture(scope="session")
def wordpress(tmp_path_factory):
    """Return a running WordPress with posts of every status."""
    with WordPress(tmp_path_factory.mktemp("wordpress")) as server:
        yield server


@pytest.fixture(scope="session")
def synapse(tmp_path_factory):
    """Return a running Matrix home server with rooms and a space."""
    with Synapse(tmp_path_factory.mktemp("synapse")) as server:
        yield server


@pytest.fixture(scope="session")
def ralph(tmp_path_factory):
    """Return a running learning record store with two dozen statements."""
    with Ralph(tmp_path_factory.mktemp("ralph")) as server:
        yield server


@pytest.fixture(scope="session")
def dokuwiki(tmp_path_factory):
    """Return a running DokuWiki with pages for everybody and for one group."""
    with DokuWiki(tmp_path_factory.mktemp("dokuwiki")) as server:
        yield server
