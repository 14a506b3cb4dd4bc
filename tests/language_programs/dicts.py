"""Dicts that functions make and change, under several names, on some ways only, in lists."""

import numpy as np


def entries_in_straight_code(x, w, b):
    p = {"w": w, "b": b}
    h = np.tanh(p["w"] * x + p["b"])
    cache = {}
    cache["h"] = h
    cache["sq"] = cache["h"] ** 2
    return np.sum(cache["sq"] * p["w"])


def entries_overwritten(x, y):
    cache = {"x": x, "y": y}
    cache["z"] = cache["x"] * cache["y"]
    cache["x"] = cache["z"] + 1
    cache["z"] *= 2
    return cache["x"] * cache["z"] + cache.get("missing", 0.0)


def state_assigned_anew(x0, v0, k, n):
    state = {"x": x0, "v": v0}
    for _ in range(n):
        a = -k * state["x"]
        state = {"x": state["x"] + 0.1 * state["v"], "v": state["v"] + 0.1 * a}
    return state["x"] * state["v"]


def state_changed_and_returned(x0, v0, k, n):
    state = {"x": x0, "v": v0}
    for _ in range(n):
        state["v"] -= 0.1 * k * state["x"]
        state["x"] += 0.1 * state["v"]
    return state


def entries_set_on_two_ways(x, y):
    d = {"a": x, "b": y}
    if x > 1:
        d["a"] = d["b"] * x
    else:
        d["b"] = d["a"] ** 2
    return d["a"] * d["b"]


def two_names_of_one_dict(x, y):
    d = {"a": x, "b": y}
    e = d
    e["a"] = x * y
    d["b"] = e["a"] + e["b"]
    return d["a"] * e["b"]


def old_dict_under_another_name(x, y):
    d = {"a": x, "b": y}
    e = d
    d = {"a": y * y, "b": x}
    e["a"] = e["a"] * 3
    return d["a"] * e["a"] + d["b"]


def old_dict_of_each_round(x, y, n):
    d = {"a": x, "b": y}
    t = 0.0
    for i in range(n):
        old = d
        d = {"a": old["a"] * y, "b": old["b"] + x}
        t += old["a"] * d["b"]
    return t


def entries_swapped(x, y):
    d = {"a": x * 2, "b": y}
    d["a"], d["b"] = d["b"], d["a"]
    return d["a"] ** 2 + d["b"]


def copies_of_a_dict(x, y):
    d = {"a": x, "b": y}
    e = d.copy()
    e["a"] = e["a"] * y
    f = dict(d, c=x)
    f["b"] = 3 * x
    return d["a"] * e["a"] * f["b"] * f["c"]


def dict_held_in_a_list(x, y):
    d = {"a": x, "b": y}
    ds = [d, d]
    d["a"] = x * y
    return ds[0]["a"] + ds[1]["b"]


def dict_written_by_way_of_a_list(x, y):
    d = {"a": x, "b": y}
    ds = [d, d]
    ds[0]["a"] = x * y
    return d["a"] * ds[1]["b"]


def one_dict_in_a_list_many_times(x, n):
    d = {"a": x}
    hist = []
    for i in range(n):
        d["a"] = d["a"] * x
        hist.append(d)
    return hist[0]["a"]


def dicts_of_all_rounds(x, n):
    d = {"a": x}
    hist = []
    for i in range(n):
        d = {"a": d["a"] * x}
        hist.append(d)
    return hist[0]["a"] + hist[-1]["a"]


def dict_in_a_dict(x, y):
    net = {"l1": {"w": x, "b": y}, "l2": {"w": y}}
    net["l1"]["w"] *= 2
    inner = net["l1"]
    inner["b"] = x * y
    return net["l1"]["b"] * net["l1"]["w"] + net["l2"]["w"]


def inner_dict_written_by_way_of_the_outer(x, y):
    inner = {"w": x}
    net = {"l": inner}
    net["l"]["w"] = x * y
    return inner["w"]


def key_missing_on_one_way(x, y):
    d = {"a": x}
    if x > 1:
        d["b"] = y
    return d.get("b", 0.0) * d["a"]


def key_on_a_way_that_returns(x, y):
    d = {"a": x}
    if x > 1:
        d["b"] = y * 2
        return d["b"] * x
    return d["a"] * y


def dict_made_on_two_ways(x, y):
    if x > 1:
        d = {"a": x, "b": y}
    else:
        d = {"a": y, "b": x * x}
    return d["a"] ** 2 * d["b"]


def other_keys_on_each_way(x, y):
    if x > 1:
        d = {"a": x}
    else:
        d = {"b": x * y}
    return sum(d.values())


def affine(p, x):
    return p["w"] * x + p["b"]


def dict_given_to_a_helper(w, b, x):
    p = {"w": w, "b": b}
    return affine(p, x) * p["w"]


def descend(p, g):
    p["w"] = p["w"] - 0.1 * g


def dict_changed_by_a_helper(w, x):
    p = {"w": w}
    descend(p, x * w)
    descend(p, x)
    return p["w"] * x


def itself(p):
    return p


def dict_given_back_by_a_helper(x, y):
    d = {"a": x, "b": y}
    e = itself(d)
    e["a"] = x * y
    return d["a"] * e["b"]


def dict_given_back_by_an_inner_function(x, y):
    def same(p):
        return p

    d = {"a": x, "b": y}
    e = same(d)
    e["a"] = x * y
    return d["a"] * e["b"]


def one_of_two_dicts_given_back(x, y):
    def pick(p, q):
        if x > 1:
            return p
        return q

    d = {"a": x, "b": y}
    f = {"a": y, "b": y}
    e = pick(d, f)
    e["a"] = x * y
    return d["a"] * e["b"] + f["a"]


def dict_changed_by_an_inner_function(x, y):
    d = {"n": x}

    def step():
        d["n"] = d["n"] * y
        return d["n"]

    a = step()
    b = step() + d["n"]
    return a * b + d["n"]


def entry_read_before_a_call_changes_it(x, y):
    d = {"n": x}

    def step():
        d["n"] = d["n"] * y
        return d["n"]

    return d["n"] + step() * d["n"]


def entry_given_to_a_call_that_changes_it(x, y):
    d = {"n": x}

    def step(v):
        d["n"] = d["n"] * y
        return v * d["n"]

    return step(d["n"])


def dict_updated(x, y):
    d = {"a": x, "b": y}
    d.update({"a": d["b"], "b": d["a"] * 2})
    d.update(c=x * y)
    return d["a"] + d["b"] ** 2 + d["c"] * len(d)


def entries_taken_away(x, y):
    d = dict(a=x, b=y)
    t = d.pop("a")
    d["a"] = y * y
    del d["b"]
    if "b" in d:
        t = t * 100
    return t * d["a"] + d.setdefault("q", x)


def arrays_in_entries_written(x, y):
    d = {"a": x.copy(), "b": y}
    d["a"][0] = d["b"][1] * 2
    d["a"][1:] += d["b"][1:]
    return np.sum(d["a"] * d["b"])


def array_under_a_name_and_in_an_entry(x, y):
    a = x * 2
    d = {"a": a}
    d["a"][0] = y[0] * y[1]
    return np.sum(a * d["a"])


def dict_of_the_round_before(x, n):
    d = {"v": x}
    out = 0.0
    for i in range(n):
        if i > 0:
            out += last["v"]
        last = {"v": d["v"] * x}
        d = {"v": last["v"] + 1}
    return out


def name_of_a_dict_then_of_a_number(x, y):
    d = {"a": x}
    d = d["a"] * y
    return d


def name_of_a_dict_on_one_way(x, y):
    d = x * 2
    if x > 1:
        d = {"a": x}
        z = d["a"]
    else:
        z = d * y
    return z


def dict_looped_over(x, y):
    d = {"a": x, "b": y}
    t = 0.0
    for k, v in d.items():
        t += v**2
    for v in d.values():
        t *= v
    for k in d:
        t += d[k]
    return t


def gradients_by_hand(x, y, t):
    g = {}
    e = x * y - t
    g["x"] = 2 * e * y
    g["y"] = 2 * e * x
    return g


def state_of_a_while_loop(x):
    s = {"v": x, "n": 0}
    while s["n"] < 3:
        s["v"] = s["v"] * x
        s["n"] += 1
    return s["v"]


def state_of_a_loop_with_break(x, n):
    s = {"v": x}
    for i in range(n):
        if s["v"] > 5:
            break
        s["v"] = s["v"] * x
    return s["v"] * x


def dict_looped_over_by_numbers(x, n):
    d = {}
    for t in range(n):
        d[t] = [x * (t + 1), x]
    s = 0.0
    for k in reversed(list(d)):
        s = 0.5 * s + d[k][0] ** 2 * (k + 1)
    for k in sorted(d):
        s = 0.5 * s + d[k][1] * k
    return s + sum(d[k][0] * k for k in d)


def lists_in_a_dict_returned(x, n):
    history = {"pos": [], "vel": []}
    v = 0.3
    for _ in range(n):
        v = v - 0.1 * np.sin(x)
        x = x + 0.1 * v
        history["pos"].append(x)
        history["vel"].append(v * v)
    return history


def dicts_in_a_dict_looped_over(x, w):
    cache = {}
    h = 0.5
    for t in range(len(x)):
        cache[t] = {"z": w * x[t], "c": np.tanh(h + x[t])}
        h = cache[t]["z"] * h
    s = 0.0
    for t, c in cache.items():
        s += c["z"] * c["c"] * (t + 1)
    return s


def list_in_a_dict_made_anew(x, n):
    state = {"a": [x, x * x], "b": {"u": x}}
    for _ in range(n):
        state["a"][0] = state["a"][0] * state["b"]["u"]
        state["b"]["u"] = state["a"][1] + state["a"][0]
        state["a"] = [state["a"][1], state["a"][0]]
    return state["a"][0] + state["b"]["u"]


def entries_updated_in_place(x, w):
    d = {"c": 1.0}
    d["b"] = x * 1.0
    for i in range(3):
        d["b"] *= w
        d["c"] += d["b"] * x
        d["c"] *= d["c"]
        d[i] = x * d["c"]
        d[i] /= w
    return d["c"] + d[0] * d[2]


def entries_scaled_by_their_keys(params, n):
    m = {k: np.zeros_like(v) for k, v in params.items()}
    p = {k: v.copy() for k, v in params.items()}
    for _ in range(n):
        for k in p:
            m[k] = 0.9 * m[k] + 2 * p[k] * params[k]
            p[k] -= 0.1 * m[k]
    return sum(np.sum(v**2) for v in p.values())


def lists_grown_by_their_keys(x, n):
    d = {"a": [x], "b": [x * x]}
    for i in range(n):
        for k in d:
            d[k].append(d[k][-1] * x + i)
    return d["a"][-1] * d["b"][1] + d["a"][0]


def means_of_groups(xs, keys, w):
    groups = {}
    for x, k in zip(xs, keys):
        if k not in groups:
            groups[k] = []
        groups[k].append(x * w)
    means = {}
    for k, g in groups.items():
        means[k] = sum(g) / len(g)
    return means


def layers_kept_in_a_dict(params, x):
    acts = {}
    h = x
    for name in ("l1", "l2"):
        z = params[name]["W"] @ h + params[name]["b"]
        acts[name] = {"z": z, "h": np.tanh(z)}
        h = acts[name]["h"]
    return np.sum(h) + 0.1 * sum(np.sum(a["z"] ** 2) for a in acts.values())
