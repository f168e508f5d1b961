"""The home page, which draws on everything below."""
