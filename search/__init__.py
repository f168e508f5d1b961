"""Search for the portal: a library of its own that knows neither web nor database."""
