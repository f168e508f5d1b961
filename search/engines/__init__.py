"""The engines that Foyer can search with, by the name that configuration uses."""

from collections.abc import Mapping

from search.engine import Engine
from search.engines.tantivy import TantivyEngine
from search.engines.whoosh import WhooshEngine

ENGINES: Mapping[str, Engine] = {
    engine.name: engine for engine in (TantivyEngine(), WhooshEngine())
}
