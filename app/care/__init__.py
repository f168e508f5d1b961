"""Keeping items good: who looks after them and when, the review queue, retiring, reports."""
