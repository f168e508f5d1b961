"""The directory: who people are, which roles and groups they have, and so which audiences they meet."""
