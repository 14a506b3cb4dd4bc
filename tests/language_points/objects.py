"""Arguments of the programs in objects.py."""

from language_programs.objects import Oscillator, Pair

from language_points.program import Draws, program

m = Draws(31)
s = m.signed
slow, fast = Oscillator(1.2, 0.7), Oscillator(0.4, 2.3)

POINTS = {
    "dense_layer": program("W b x", (s(3, 3), s(3), s(4, 3)), (s(3, 2), s(2), s(3))),
    "called_layer": program("W b x", (s(3, 3), s(3), s(4, 3)), (s(3, 2), s(2), s(3))),
    "layer_of_class_method": program("W x", (s(3, 2), s(4, 3)), (s(3, 3), s(3))),
    "two_of_one_class": program("W b x", (s(3, 3), s(3), s(4, 3)), (s(2, 2), s(2), s(2))),
    "listed_layers": program("W b x", (s(3, 3), s(3), s(4, 3)), (s(2, 2), s(2), s(2))),
    "loss_of_network": program(
        "Ws bs x y",
        ([s(3, 3), s(3, 3)], [s(3), s(3)], s(4, 3), s(4, 3)),
        ([s(2, 2)], [s(2)], s(2), s(2)),
    ),
    "chain_of_steps": program("W x", (s(3, 3), s(4, 3)), (s(2, 2), s(2))),
    "recurrent_cell": program("W U xs", (s(3, 2), s(3, 3), s(4, 2)), (s(2, 2), s(2, 2), s(1, 2))),
    "lazy_state": program("w x", (0.7, s(3), 3), (s(3), s(3), 1)),
    "through_optimiser": program("w target rate", (s(3), s(3), 0.2, 4), (0.5, 1.5, 0.3, 2)),
    "leapfrog": program("x v", (0.4, 0.7, 5), (s(3), s(3), 2), (0.4, 0.7, 0)),
    "one_after_another": program("x v", (0.4, 0.7, 4), (s(3), s(3), 2), (0.4, 0.7, 0)),
    "many_particles": program("xs vs", (s(3), s(3), 3), ([0.4, 0.7], [0.3, 0.2], 2)),
    "particle_in_branch": program("x v", (0.4, 0.7), (0.8, 0.7)),
    "second_name": program("x v", (0.4, 0.7), (s(3), s(3))),
    "given_to_a_helper": program("x v", (0.4, 0.7), (0.9, -0.3)),
    "exchanged": program("x v", (0.4, 0.7), (0.9, -0.3)),
    "largest": program("xs", (s(4),), ([0.4, 1.7, 0.9],)),
    "attracted": program("x v mass", (0.4, 0.7, 1.3, 4), (0.9, -0.4, 2.0, 1)),
    "pulled_together": program("x", (s(3), 3), ([0.4, -0.7, 1.2], 2)),
    "shared_end": program("x stiffness", (0.4, 0.7, 4), (0.9, 1.4, 1)),
    "areas": program("a r", (0.4, 0.7), (s(2), s(2))),
    "one_of_two_shapes": program("a r", (0.4, 0.7), (0.9, 0.7)),
    "inherited": program("W k x", (s(3, 2), 0.7, s(4, 3)), (s(3, 3), s(3), s(3))),
    "vector_sums": program("a b c", (0.4, 0.7, 1.1), (s(2), s(2), s(2))),
    "orbit_of_vectors": program("a b", (0.4, 0.7, 4), (s(2), s(2), 2), (0.4, 0.7, 0)),
    "early_answers": program("x y", (0.4, 0.7), (1.2, -0.2), (0.3, -2.1)),
    "metered": program("xs", (m(4),), ([0.4, 0.7, 0.9],)),
    "method_as_argument": program("k y", (0.4, 0.7), (s(3), s(3))),
    "options_and_pairs": program("x y", (0.4, 0.7), (s(2), s(2))),
    "set_by_property": program("x", (0.4,), (s(3),)),
    "stacked": program("x", (s(3),), ([0.4, 1.2],)),
    "methods_of_a_tuple": program("p x", (Pair(0.4, 0.7), 0.9), (Pair(-0.4, 1.2), 0.3)),
    "methods_of_a_record": program("p x", (slow, 0.9), (fast, -0.3)),
    "oscillators": program("ps x", ([slow, fast], 0.9), ([fast], 1.3)),
    "named_oscillators": program("ps x", ({"slow": slow, "fast": fast}, 0.9)),
    "record_given_to_a_helper": program("p x", (slow, 0.9), (fast, 0.3)),
    "changed_record": program("m k", (0.4, 0.7), (1.3, 2.1)),
    "points_in_steps": program("xs", (s(3), 3), ([0.4, 1.2], 0)),
    "first_and_rest": program("x y", (0.4, 0.7), (1.3, -0.2)),
    "read_before_it_changes": program("x y", (0.4, 0.7), (s(2), s(2))),
    "fields_at_once": program("x y", (0.4, 0.7), (s(2), s(2))),
    "memory": program("x", (0.4, 3), (1.3, 0)),
    "sum_in_a_dict": program("w b xs", (s(2, 2), 0.7, s(3, 2))),
    "conditional_object": program("x y", (0.4, 0.7), (0.9, 0.7)),
    "first_found": program("xs", (m(3),), ([0.4, 0.2],)),
}
