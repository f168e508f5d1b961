"""SCIM 2.0: a directory keeps people and groups here up to date."""
