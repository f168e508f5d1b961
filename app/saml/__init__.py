"""SAML 2.0: Foyer as a service provider that believes nothing it cannot check."""
