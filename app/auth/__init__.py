"""The way in: sign-in sessions as rows, one-time links, and the ways to sign in."""
