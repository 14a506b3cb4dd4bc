"""Arguments of the programs in networks.py."""

from language_points.program import Draws, program

m = Draws(4)
s = m.signed

POINTS = {
    "rnn": program(
        "xs h Wx Wh", (m(4, 2), m(3), s(2, 3), s(3, 3)), (m(0, 2), m(3), s(2, 3), s(3, 3))
    ),
    "char_rnn_loss": program(
        "hprev Wxh Whh Why bh by",
        ([0, 2, 1], [2, 1, 1], m(2, 1), s(2, 3), s(2, 2), s(3, 2), s(2, 1), s(3, 1)),
    ),
    "lstm": program("x h c W U b", (s(3, 2, 2), s(2, 2), s(2, 2), s(2, 8), s(2, 8), s(8))),
    "lstm_with_split": program(
        "seq params", (s(3, 2), {"Wx": s(8, 2), "Wh": s(8, 2), "b": s(8)}, 2)
    ),
    "gru": program("X h0 Wz Wr Wh", (s(3, 2), s(2), s(4, 2), s(4, 2), s(4, 2))),
    "bidirectional": program("xs W V", (s(3, 2), s(2, 2), s(2, 2))),
    "conv1d": program("signal weights bias", (s(7), s(3), 0.4), (s(7), s(2), 0.4, 2)),
    "conv2d": program("input weights", (s(1, 4, 4, 2), s(2, 2, 2, 2))),
    "conv_layer_naive": program("x w b", (s(1, 2, 4, 4), s(2, 2, 3, 3), s(2))),
    "maxpool2d": program("x", (s(2, 4, 5),)),
    "average_pool_1d": program("x", (s(7), 3), (s(4), 2)),
    "multi_head_attention": program(
        "x Wq Wk Wv Wo", (s(3, 4), s(4, 4), s(4, 4), s(4, 4), s(4, 4), 2)
    ),
    "causal_attention": program("q k v", (s(3, 2), s(3, 2), s(3, 2))),
    "residual_blocks": program(
        "x blocks",
        (s(2, 3), [(s(3, 2), s(2), s(2, 3), s(3)) for _ in range(2)]),
        (s(2, 3), [(s(3, 2), 0.1, s(2, 3), s(3))]),
    ),
    "graph_convolution": program("features W", (s(3, 2), [(0, 1), (2, 1), (1, 0)], s(2, 2), 2)),
    "tree_lstm_sum": program("tree W", (((1.0, 0.5), (0.3, (0.2, 0.7))), s(3)), (1.5, s(3))),
}
