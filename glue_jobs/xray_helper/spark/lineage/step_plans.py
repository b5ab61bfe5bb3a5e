# SPDX-License-Identifier: Apache-2.0
"""What each step asked Spark for: the plans of its outputs, and its own part in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.logical_plan import Above, Definition, LogicalPlan, Node
from xray_helper.spark.lineage.plan_capture import CapturedStep

_NOTHING: Final = Above([], is_chain=False)
_MAKES_COLUMNS: Final = frozenset({"Project", "Aggregate", "Window"})
_Signature = tuple[str, str]  # name and expression, without ids


@dataclass(eq=False)
class StepPlan:
    """What one step asked for.

    Attributes
    ----------
    definitions
        The columns that it was the first to ask for.
    above
        Its operators on top of an earlier step's output, or all of them.
    new_ids
        Of a line: the expression ids that are in no plan before.
    inputs
        The earlier outputs below these.
    operators_known
        False when it is uncertain which operators without columns of their own, such as filters, are this
        step's.
    """

    captured: CapturedStep
    name: str
    started_ms: int
    plans: list[LogicalPlan]
    definitions: list[Definition] = field(default_factory=list)
    above: list[Node] = field(default_factory=list)
    new_ids: frozenset[int] = frozenset()
    inputs: list[LogicalPlan] = field(default_factory=list)
    operators_known: bool = False

    @property
    def nodes(self) -> list[Node]:
        """All operators of its plans."""
        return [node for plan in self.plans for node in plan.nodes]

    @property
    def operators(self) -> list[Node]:
        """The step's operators that do more than compute or choose columns."""
        return [node for node in self.above if node.is_work and not _only_columns(node)]

    def owns(self, number: int) -> bool:
        """Return whether an expression id is this step's."""
        return number in self.new_ids if self.captured.is_line else self.captured.owns(number)


def find_own_parts(steps: list[StepPlan]) -> None:
    """Fill in what each step added to the plans of the steps before it; ``steps`` are in their order."""
    known: set[_Signature] = set()
    seen: set[int] = set()
    for position, step in enumerate(steps):
        _find_operators(step, steps[:position], seen)
        _find_definitions(step, steps, known)
        seen |= _ids(step)


def owner_of(number: int, steps: list[StepPlan]) -> StepPlan | None:
    """Return the step that asked for a column; the innermost when steps are nested."""
    owners = [step for step in steps if step.owns(number)]
    return min(owners, key=_width, default=None)


def _width(step: StepPlan) -> int:
    return 0 if step.captured.is_line else step.captured.last_id - step.captured.first_id


def _find_definitions(step: StepPlan, steps: list[StepPlan], known: set[_Signature]) -> None:
    seen: set[int] = set()
    items = [item for node in step.nodes for item in node.definitions]
    for item in items:
        is_own = not item.is_rename and owner_of(item.id, steps) is step
        if is_own and item.id not in seen and _signature(item) not in known:
            step.definitions.append(item)
        seen.add(item.id)
    # A self-join or a union copies earlier columns under new ids: these are still the earlier step's.
    known |= {_signature(item) for item in items}


def _find_operators(step: StepPlan, earlier: list[StepPlan], seen: set[int]) -> None:
    step.operators_known = bool(step.plans)
    for plan in step.plans:
        above, source = _above(step, plan, earlier, seen)
        step.operators_known &= above.is_chain
        step.above += above.nodes
        step.inputs += [source] if source else []
        # What comes in from the side of a join may be a stranger's.
        if above.is_chain or (source and not step.captured.strangers_before):
            numbers = ex.ids_of(node.arguments for node in plan.nodes) - seen
            step.new_ids |= frozenset(filter(step.captured.owns, numbers))


def _above(
    step: StepPlan, plan: LogicalPlan, earlier: list[StepPlan], seen: set[int]
) -> tuple[Above, LogicalPlan | None]:
    """Return what the step put on top of an earlier step's output; nothing when somebody else may have."""
    for other in reversed(earlier):
        for source in reversed(other.plans):
            above = plan.above(source)
            if above is not None:
                is_clean = other.captured.strangers_after == step.captured.strangers_before
                return (above, source) if is_clean and not above.has_view else (_NOTHING, None)
    is_made_here = _is_made_in_line if step.captured.is_line else _is_made_in_step
    return (Above(list(plan.nodes), is_chain=True) if is_made_here(step, plan, seen) else _NOTHING), None


def _is_made_in_step(step: StepPlan, plan: LogicalPlan, _: set[int]) -> bool:
    """Return whether a plan is made from its sources on in this step."""
    opened = [ex.ids(node.arguments) for node in plan.nodes if node.is_leaf]
    return bool(opened) and all(numbers and all(map(step.captured.owns, numbers)) for numbers in opened)


def _is_made_in_line(step: StepPlan, plan: LogicalPlan, seen: set[int]) -> bool:
    """Return the same for a line: whoever else made a part of it would be known."""
    numbers = ex.ids_of(node.arguments for node in plan.nodes)
    is_new = all(map(step.captured.owns, numbers)) and not numbers & seen
    return bool(numbers) and is_new and not step.captured.strangers_before


def _ids(step: StepPlan) -> frozenset[int]:
    return ex.ids_of(node.arguments for node in step.nodes)


def _signature(item: Definition) -> _Signature:
    return item.name, ex.without_ids(item.text)


def _only_columns(node: Node) -> bool:
    return node.name in _MAKES_COLUMNS or bool(node.definitions)
