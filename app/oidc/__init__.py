"""OpenID Connect: Foyer as a relying party."""
