"""Recommendations: the trained model meets the reader's newest activity."""
