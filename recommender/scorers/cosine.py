"""The columns of a matrix that point the same way, found by implicit."""

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from scipy import sparse

from recommender.table import without_diagonal


def cosines(matrix: sparse.csr_matrix, keep: int) -> sparse.csr_matrix:
    """Return columns x columns: for each its `keep` largest cosines with others."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())
    unit = matrix @ sparse.diags_array(1 / np.maximum(length, 1e-9))
    model = ItemItemRecommender(K=keep + 1)
    model.fit(sparse.csr_matrix(unit, dtype=np.float64), show_progress=False)
    return without_diagonal(model.similarity)
