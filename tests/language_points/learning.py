"""Arguments of the programs in learning.py."""

import numpy as np

from language_points.program import Draws, program

m = Draws(5)
s = m.signed
labels = np.array([2, 0, 1, 2])
weights = {"W1": s(3, 4), "b1": s(4), "W2": s(4, 3), "b2": s(3)}

POINTS = {
    "mlp": program(
        "params x", ([(s(2, 3), s(3)), (s(3, 2), s(2))], s(4, 2)), ([(s(2, 1), s(1))], s(2))
    ),
    "two_layer_loss": program("params X reg", (weights, s(4, 3), labels, 0.1)),
    "softmax_regression": program("W X", (s(3, 3), s(4, 3), labels)),
    "svm_loss_naive": program("W X reg", (s(3, 3), s(4, 3), labels, 0.1)),
    "svm_loss_vectorized": program("W X", (s(3, 3), s(4, 3), labels)),
    "batchnorm_inplace": program("x gamma beta eps", (s(4, 3), m(3), s(3)), outputs="x"),
    "layer_norm_rows": program("x g b", (s(3, 4), m(4), s(4))),
    "dropout_net": program(
        "x W1 W2 mask p", (s(3, 2), s(2, 4), s(4, 2), m.generator.choice([0.0, 1.0], (3, 4)), 0.6)
    ),
    "soft_kmeans": program("X centers beta", (s(5, 2), s(2, 2), 0.9, 3)),
    "word2vec": program("U V", (1, 2, [0, 3, 0], s(4, 3), s(4, 3))),
    "embedding_bag": program("table", (s(4, 2), [[0, 1, 1], [], [3]])),
    "sgd_momentum": program("w X y lr momentum", (s(2), s(4, 2), s(4), 0.1, 0.9, 4)),
    "adam": program("w m v grads lr beta1 beta2 eps", (s(2), s(2), m(2), s(3, 2)), outputs="w m v"),
    "maml_inner": program("theta tasks alpha", (s(2), [(s(3, 2), s(3)), (s(3, 2), s(3))], 0.1)),
    "contrastive": program("embeddings margin", (s(4, 2), [0, 1, 0, 1], 2.5)),
    "decision_boundary": program("x weights thresholds", (s(2), s(2, 2), s(2))),
    "matrix_factorization": program(
        "R P Q lam", (s(3, 3), s(3, 2), s(3, 2), np.eye(3) < np.ones((3, 3)) * 0.5, 0.1)
    ),
    "autoencoder": program("x Ws", (s(2, 4), [s(4, 3), s(3, 2)]), (s(2, 3), [s(3, 3)], False)),
}
