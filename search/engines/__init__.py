"""The engines that Foyer can search with, by the name that configuration uses."""

from collections.abc import Mapping

from search.engines.tantivy import TantivyEngine
from search.engines.whoosh import WhooshEngine
from search.reader import Engine

ENGINES: Mapping[str, Engine] = {
    engine.name: engine for engine in (TantivyEngine(), WhooshEngine())
}
