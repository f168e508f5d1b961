"""Foyer's web shell: features that stand on the `search` and `recommender` libraries.

The rooms and the direction of their imports are drawn in `docs/architecture.md`; `app.factory`
puts them together.
"""

import os

# Read once, when numpy and implicit are loaded: many threads that spin cost more than they help.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
