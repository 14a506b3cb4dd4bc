"""derive(): the passes in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from srcdiff.diagnostics import FAULTS, DerivationError, Problems, Refusal, fault
from srcdiff.ir.nodes import Bind, Expression, Function, UserFunction, Variable
from srcdiff.ir.walk import variables
from srcdiff.passes.aliases import Aliases
from srcdiff.passes.apart import apart
from srcdiff.passes.assumed import Assumed, Assumption
from srcdiff.passes.backward import BackwardNode
from srcdiff.passes.certain import check_certain
from srcdiff.passes.cleanup import substituted, tidied, without_dead
from srcdiff.passes.companions import Companions
from srcdiff.passes.constant import constants
from srcdiff.passes.decided import Expanded, expanded
from srcdiff.passes.fields import has_records
from srcdiff.passes.fit import may_be_real
from srcdiff.passes.forward import Planner
from srcdiff.passes.forward_live import Needed, Separated
from srcdiff.passes.forward_mode import ForwardMode
from srcdiff.passes.forward_nodes import ForwardNode
from srcdiff.passes.indices import indices
from srcdiff.passes.infer import Types
from srcdiff.passes.inner import check_inner
from srcdiff.passes.keep import Keeper
from srcdiff.passes.kept_arguments import check_kept
from srcdiff.passes.keyed import check_keyed
from srcdiff.passes.memory import Memory
from srcdiff.passes.mirror import mirror
from srcdiff.passes.nested import nested
from srcdiff.passes.number_guards import with_guards
from srcdiff.passes.record import Recorder
from srcdiff.passes.recursion import asks_kinds
from srcdiff.passes.restore import Restorer
from srcdiff.passes.reverse import Reverser
from srcdiff.passes.reverse_blocks import BlockReverser
from srcdiff.passes.saves import Saver
from srcdiff.passes.seed import Seeding, may_be_container
from srcdiff.passes.settle import settle
from srcdiff.passes.share import Sharing
from srcdiff.passes.sizes import check_sizes
from srcdiff.passes.stated import assumed_types
from srcdiff.passes.straight import StraightPlanner
from srcdiff.passes.structure import Structure
from srcdiff.passes.tangent import Tangents
from srcdiff.passes.unread import Unread
from srcdiff.passes.unstage import unstage
from srcdiff.passes.wanted import (
    check_asked,
    chosen_sources,
    tangent_names,
    upstream_names,
    wanted_gradients,
    wanted_tangents,
)
from srcdiff.request import Request
from srcdiff.rules import registry


@dataclass(slots=True)
class Derivation:
    """A derived function before it is written.

    Parameters
    ----------
    wanted
        The parameters whose gradients are returned, in order.
    bare
        Whether the one gradient is returned without a tuple.
    gradients
        What is returned for each.
    assumed
        What must hold of the parameters for the derivation to be right.
    """

    request: Request
    function: Function
    types: Types
    upstreams: list[Variable]
    forward: list[ForwardNode]
    prologue: list[Bind]
    groups: list[BackwardNode]
    wanted: list[Variable]
    bare: bool
    gradients: list[Expression]
    outputs: list[Expression]
    in_place: set[Any]
    companions: list[Any]
    adjoints: dict[Variable, Variable]
    wishes: dict[Variable, str]
    attributes: list[tuple[Variable, Variable]] = field(default_factory=list)
    assumed: Assumed = field(default_factory=Assumed)

    @property
    def text_name(self) -> str:
        """The name of the function that is written, where it is one."""
        if self.request.text_name:
            return self.request.text_name
        return f"{self.function.name}_{'jvp' if self.request.mode == 'jvp' else 'backward'}"

    def containers(self) -> list[bool]:
        """Say of each output whether it is a list, a tuple or a dict."""
        return [may_be_container(v, self.types, self.function) for v in self.function.values]

    def upstream_names(self) -> list[str]:
        """Give the names of the upstream gradients: d and the output's name, unless taken."""
        if self.request.mode == "jvp":
            return tangent_names(self.function, self.wanted)
        return upstream_names(self.function)


def derive(request: Request, companions: Companions | None = None) -> Derivation:
    """Derive the backward pass of a function.

    Raises
    ------
    DerivationError
        It can't be differentiated correctly; every reason found is told.
    """
    registry.load()
    try:
        return _derived(request, companions)
    except FAULTS as error:
        raise _refused(request.function, fault(error)) from error


def _derived(request: Request, companions: Companions | None) -> Derivation:
    function = request.function
    check_asked(function)
    assumed = Assumed()
    asked: Assumption | None = None
    known: Expanded | None = None
    derived = _derive_forward if request.mode == "jvp" else _derive
    while True:
        try:
            own = companions or Companions(
                derive_companion,
                request.mode,
                _main(request),
                request.parts,
                typed=request.given is not None,
            )
            known = known or _expanded(request)
            return derived(request, known, assumed, own)
        except Refusal as refusal:  # found where no statement was being looked at
            raise _refused(function, asked.refusal if asked else refusal) from None
        except Assumption as assumption:
            if not assumed.including(assumption):
                raise _refused(function, assumption.refusal) from None
            asked = asked or assumption
        except DerivationError:
            if asked is None:
                raise
            raise _refused(function, asked.refusal) from None


def _main(request: Request) -> str:
    """Give the function's name if what is derived gives other gradients than its companion."""
    whole = request.wrt is None and request.mode in ("joint", "jvp")
    usual = whole and not request.function.asked
    return "" if usual or request.mode == "value" else request.function.name


def _refused(function: Function, refusal: Refusal) -> DerivationError:
    """Give the error for a refusal of the whole function."""
    source = function.source
    problems = source.problems()
    problems.add(refusal, function.name_span)
    return DerivationError(problems.found)


def _derive(
    request: Request, expanded: Expanded, assumed: Assumed, companions: Companions
) -> Derivation:
    problems = _problems(request)
    function, types = _known(request, expanded, assumed, problems)
    sources = chosen_sources(function, request.wrt, problems)
    straight = function.is_straight
    memory = Memory(function, types)
    given = (function, types, sources, problems, companions.call)
    unread = None if straight else Unread(function, types, memory)
    reverser = BlockReverser(memory, unread.writes, *given) if unread else Reverser(*given)
    backward = reverser.reverse()
    check_inner(function, reverser.activity, problems)
    in_place = Aliases(function, types, memory).check(problems)
    problems.raise_if_any()
    wanted, bare = wanted_gradients(function, request.wrt, backward.adjoints, problems)
    attributes = [(v, a) for v, a in backward.adjoints.items() if v.role == "attribute"]
    kept = _kept(wanted, backward.adjoints, attributes)
    named = {a for v, a in backward.adjoints.items() if v.wish} | set(backward.upstreams)
    groups = tidied(without_dead(backward.groups, kept), named, reverser.simplifier)
    structure = Structure(types, backward.adjoints, reverser.gradients, function)
    groups = _guarded(problems, function, structure.settled, groups)
    recorder = Recorder(function, types)
    if unread is not None:
        recorder = Keeper(function, types, problems, memory, unread)
    gradients = [structure.gradient(v, recorder) for v in wanted]
    seeding = Seeding(types, function, backward.upstreams)
    method = request.mode == "method"
    prologue = [] if method else seeding.prologue(groups, kept, recorder)
    outputs = [] if request.mode == "joint" else list(map(recorder.output, function.values))
    planner = _planner(recorder, groups, problems, whole=method)
    outputs = planner.outputs(outputs) if request.mode == "value" else outputs
    sharing = Sharing(types, kept, structure.may_be_none())
    sharing.own(line.variable for line in prologue)
    groups = _guarded(problems, function, sharing.separated, planner.groups)
    forward = [*structure.kept, *planner.plan()]
    outputs = list(map(recorder.spelled, outputs))  # what has a name by now isn't computed again
    forward = apart(forward, groups, outputs, memory, types)
    prologue = substituted(groups, prologue, planner.stand_ins())
    if straight and request.mode in ("joint", "value"):
        forward = unstage(forward, groups, outputs, recorder.staged_outputs(), types)
    return Derivation(
        request,
        function,
        types,
        backward.upstreams,
        forward,
        prologue,
        groups,
        wanted,
        bare,
        gradients,
        outputs,
        in_place - planner.kept_whole(),
        companions.used,
        backward.adjoints,
        recorder.wishes,
        attributes,
        assumed,
    )


def _derive_forward(
    request: Request, expanded: Expanded, assumed: Assumed, companions: Companions
) -> Derivation:
    """Derive forward mode: each statement with the line of its tangent."""
    problems = _problems(request)
    function, types = _known(request, expanded, assumed, problems)
    sources = chosen_sources(function, request.wrt, problems)
    memory = Memory(function, types)
    tangents = Tangents(function, types, sources, problems, companions.tangent)
    problems.raise_if_any()
    pushed = ForwardMode(function, types, memory, tangents, problems).pushed(sources)
    in_place = Aliases(function, types, memory).check(problems)
    problems.raise_if_any()
    live = {v for value in (*pushed.outputs, *pushed.tangents) for v in variables(value)}
    nodes = Needed(memory, tangents.variables).kept(pushed.nodes, live)
    own = tangents.variables
    wanted = wanted_tangents(function, request.wrt, live, own, problems)
    separated = Separated(function, types, memory, own)
    nodes = [*separated.copies(nodes, wanted), *nodes]
    parameters = [own.get(v) or Variable("d" + v.wish, "upstream") for v in wanted]
    return Derivation(
        request,
        function,
        types,
        parameters,
        nodes,
        [],
        [],
        wanted,
        len(pushed.tangents) == 1,
        separated.ends(nodes, pushed.tangents, pushed.outputs),
        pushed.outputs,
        in_place,
        companions.used,
        own,
        pushed.wishes,
        [],
        assumed,
    )


def _problems(request: Request) -> Problems:
    source = request.function.source
    return source.problems()


def _expanded(request: Request) -> Expanded:
    """Give the function with its members and calls resolved: once, whatever is assumed later."""
    return expanded(
        request.function,
        request.given,
        request.attributes,
        _problems(request),
        request.complex_parameters,
    )


def _known(
    request: Request, expanded: Expanded, assumed: Assumed, problems: Problems
) -> tuple[Function, Types]:
    """Give the function with views written out where that is needed, and its types."""
    function, expansions, known = expanded
    stated = known | assumed_types(assumed.ranks)
    asked = {"has_records": has_records(function, stated.values()), "asks": asks_kinds(function)}
    function = with_guards(function, assumed.numbers)
    types = Types(dict(stated), expansions, **asked)
    with problems.within(function.name_span):
        if request.mode == "jvp" and function.is_method:
            raise Refusal(
                "SD101",
                "a class has no forward mode yet.",
                "Move what forward computes to a function.",
            )
        if not function.outputs:
            raise Refusal(
                "SD105",
                f"{function.name} returns nothing and writes into no argument, so there is no "
                "output to differentiate.",
                "Return the value that the gradient is of.",
            )
        settle(function, types)
        mirrored, expansions = mirror(function, types, assumed.parts)
        changed = indices(mirrored)
        if changed is not function:
            function = changed
            types = Types(dict(stated), expansions, **asked)
            settle(function, types)
        check_keyed(function, types)
    problems.raise_if_any()
    check_kept(function, types, problems)
    check = check_certain if request.given is None else check_sizes
    check(function, types, problems)
    problems.raise_if_any()
    types.constants = constants(function)
    types.nested = nested(function, types)
    types.mixed = bool(request.complex_parameters) or may_be_real(function, types)
    return function, types


def _guarded(
    problems: Problems,
    function: Function,
    change: Callable[[list[BackwardNode]], list[BackwardNode]],
    groups: list[BackwardNode],
) -> list[BackwardNode]:
    """Change backward code; what is refused is refused at the function's name."""
    with problems.within(function.name_span):
        return change(groups)
    raise DerivationError(problems.found)


def _kept(
    wanted: list[Variable],
    adjoints: dict[Variable, Variable],
    attributes: list[tuple[Variable, Variable]],
) -> list[Variable]:
    """Give the gradients that are returned, or left on the object."""
    return [adjoints[v] for v in wanted if v in adjoints] + [adjoint for _, adjoint in attributes]


def _planner(
    recorder: Recorder, groups: list[BackwardNode], problems: Problems, *, whole: bool
) -> StraightPlanner | Planner:
    """Give the backward code with its forward values placed, and what finds the forward code."""
    groups = recorder.placed_groups(groups)
    problems.raise_if_any()
    if isinstance(recorder, Keeper):
        saver = Saver(recorder)
        with problems.within(recorder.function.name_span):
            saver.find()
        problems.raise_if_any()
        return Planner(saver, Restorer(recorder, saver.saves).restored(groups), whole=whole)
    return StraightPlanner(recorder, groups, whole=whole)


def derive_companion(function: UserFunction, companions: Companions) -> Derivation:
    """Derive the companion of a function that another one calls."""
    name = companions.text_name(function.name)
    request = Request(
        function.read(),
        mode=companions.mode,
        given=companions.given.get(function.name),
        text_name=name,
        complex_parameters=companions.complex_parameters.get(function.name, frozenset()),
    )
    return derive(request, companions)
