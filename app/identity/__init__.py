"""The pages on which an administrator connects identity providers and SCIM clients."""
