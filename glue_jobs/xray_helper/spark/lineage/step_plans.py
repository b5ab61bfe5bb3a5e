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


@dataclass
class StepPlan:
    """What one step asked for.

    Attributes
    ----------
    definitions
        The columns that it was the first to ask for.
    above
        Its operators on top of an earlier step's output, or all of them.
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


def find_own_parts(steps: list[StepPlan]) -> None:
    """Fill in what each step added to the plans of the steps before it; ``steps`` are in their order."""
    known: set[_Signature] = set()
    for position, step in enumerate(steps):
        _find_definitions(step, steps, known)
        _find_operators(step, steps[:position])


def owner_of(number: int, steps: list[StepPlan]) -> StepPlan | None:
    """Return the step that asked for a column; the innermost when steps are nested."""
    owners = [step for step in steps if step.captured.owns(number)]
    return min(owners, key=lambda step: step.captured.last_id - step.captured.first_id, default=None)


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


def _find_operators(step: StepPlan, earlier: list[StepPlan]) -> None:
    step.operators_known = True
    for plan in step.plans:
        above, source = _above(step, plan, earlier)
        step.operators_known &= above.is_chain
        step.above += above.nodes
        step.inputs += [source] if source else []


def _above(step: StepPlan, plan: LogicalPlan, earlier: list[StepPlan]) -> tuple[Above, LogicalPlan | None]:
    """Return what the step put on top of an earlier step's output; nothing when somebody else may have."""
    for other in reversed(earlier):
        for source in reversed(other.plans):
            above = plan.above(source)
            if above is not None:
                is_clean = other.captured.strangers_after == step.captured.strangers_before
                return (above, source) if is_clean else (_NOTHING, None)
    opened = [ex.ids(node.arguments) for node in plan.nodes if node.is_leaf]
    if opened and all(numbers and all(map(step.captured.owns, numbers)) for numbers in opened):
        return Above(list(plan.nodes), is_chain=True), None  # made from its sources on in this step
    return _NOTHING, None


def _signature(item: Definition) -> _Signature:
    return item.name, ex.without_ids(item.text)


def _only_columns(node: Node) -> bool:
    return node.name in _MAKES_COLUMNS or bool(node.definitions)
