"""The directory: who people are, their roles and groups, and so which audiences they meet."""
