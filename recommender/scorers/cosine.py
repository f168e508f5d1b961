"""The columns of a matrix that point the same way, found by implicit."""

import numpy as np
from implicit.nearest_neighbours import ItemItemRecommender
from scipy import sparse

from recommender.table import without_diagonal


def cosines(matrix: sparse.csr_matrix, keep: int) -> sparse.csr_matrix:
    """Return columns x columns: for each its `keep` largest cosines with others.

    Columns are compared in the order of how full they are, so that those that are met most often
    lie side by side in memory, which takes a quarter less time.
    """
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())
    unit = matrix @ sparse.diags_array(1 / np.maximum(length, 1e-9))
    fullest = np.argsort(-np.bincount(matrix.indices, minlength=length.size), kind="stable")
    place = np.argsort(fullest)
    model = ItemItemRecommender(K=keep + 1)
    model.fit(sparse.csr_matrix(unit[:, fullest], dtype=np.float64), show_progress=False)
    return without_diagonal(model.similarity[place][:, place])
