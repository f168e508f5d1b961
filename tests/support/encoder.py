"""A stand-in for the model: words are what a text is about, and some words mean the same."""

import hashlib

import numpy as np

SAME = {"gasket": "seal", "supervising": "leading", "chief": "leading"}


class WordEncoder:
    """Makes the same vectors every time: one direction for each meaning of a word."""

    name = "words"
    dimensions = 64

    def __init__(self):
        self.encoded = []

    def encode(self, texts):
        self.encoded += texts
        return np.stack([self._vector(text) for text in texts])

    def _vector(self, text):
        made = np.full(self.dimensions, 1e-3, np.float32)
        for word in text.lower().replace(",", " ").split():
            digest = hashlib.sha256(SAME.get(word, word).encode()).digest()
            made[int.from_bytes(digest[:4], "big") % self.dimensions] += 1
        return made / np.linalg.norm(made)
