"""Arguments of the programs in layers.py."""

from language_points.program import Draws, program

m = Draws(11)
s = m.signed

SETTINGS = {"eps": 1e-3, "mean": s(2), "variance": m(2)}


def dense(rows: int, columns: int) -> dict[str, object]:
    return {"w": s(rows, columns), "b": s(columns)}


def norm(size: int) -> dict[str, object]:
    return {"scale": m(size), "shift": s(size)}


def block(size: int) -> dict[str, object]:
    return {
        "attention": {"qkv": dense(size, 3 * size), "out": dense(size, size)},
        "mlp": {"rise": dense(size, 2 * size), "fall": dense(2 * size, size)},
        "norm1": norm(size),
        "norm2": {**norm(size), "eps": 1e-3},
    }


def weights(inputs: int, hidden: int, outputs: int) -> dict[str, object]:
    return {
        "W1": s(inputs, hidden),
        "b1": s(hidden),
        "gamma": m(hidden),
        "beta": s(hidden),
        "W2": s(hidden, outputs),
        "b2": s(outputs),
    }


POINTS = {
    "affine": program("x w b", (s(2, 2, 2), s(4, 3), s(3)), (s(2, 4), s(4, 1), 0.3)),
    "relu": program("x", (s(2, 3),), (0.7,)),
    "affine_relu": program("x w b", (s(2, 2, 2), s(4, 3), s(3))),
    "normalized": program(
        "x gamma beta settings",
        (s(3, 2), m(2), s(2), "test", SETTINGS),
        (s(3, 2), m(2), s(2), "train", {"mean": s(2)}),
    ),
    "dropped": program("x", (s(2, 3), 0.6, 3), asked=True),
    "network_loss": program("params x", (weights(4, 3, 3), s(5, 4), [0, 2, 1, 1, 0])),
    "recurrent_step": program("x h c Wx Wh b", (s(2, 3), s(2, 2), s(2, 2), s(3, 8), s(2, 8), s(8))),
    "recurrent_states": program("x h0 Wx Wh b", (s(2, 3, 2), s(2, 2), s(2, 8), s(2, 8), s(8))),
    "layer_norm": program("x scale shift eps", (s(2, 3), m(3), s(3), 1e-2)),
    "dense": program("x w b", (s(2, 3), s(3, 2), s(2))),
    "feed_forward": program("x rise fall", (s(2, 3), dense(3, 4), dense(4, 3))),
    "attended": program("x qkv out", (s(3, 4), dense(4, 12), dense(4, 4), 2)),
    "block_of": program("x attention mlp norm1 norm2", (s(3, 4), *block(4).values(), 2)),
    "transformer": program(
        "embedding positions blocks norm",
        ([1, 0, 2], s(4, 4), s(5, 4), [block(4), block(4)], norm(4), 2),
        ([1], s(4, 2), s(5, 2), [block(2)], norm(2), 1),
    ),
    "swung": program("q p step", (0.7, 0.3, 0.1), (s(2), s(2), 0.1)),
    "swinging": program("q p step", (0.7, 0.3, 0.1, 5)),
    "bounds_of": program("values", (s(4),), ([0.3, 1.2, -0.4],)),
    "rescaled": program("values", (s(4),), ([0.3, 1.2, -0.4],)),
}
