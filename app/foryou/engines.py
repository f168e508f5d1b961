"""What factorises in a training: implicit in this process, or Apache Spark, perhaps elsewhere."""

from app.config import Config
from recommender.settings import Settings
from recommender.spark import Spark

ENGINES = ("implicit", "spark")


def taste_by(config: Config) -> Spark | None:
    """Return what factorises as the settings say, None for implicit, which is the library's own."""
    if config.training_engine != "spark":
        return None
    return Spark(config.spark_dir, Settings().taste, config.spark_url, config.spark_folder)
