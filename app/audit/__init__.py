"""Who did what, when and from where: an append-only log with a hash chain."""
