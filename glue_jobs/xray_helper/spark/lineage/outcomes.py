# SPDX-License-Identifier: Apache-2.0
"""What became of a lazy step: executed, inlined, eliminated, or unknown.

Presence is proof, absence is not: a column whose id is gone may have been computed inside another expression.
So nothing is called eliminated unless every expression that ran is accounted for; when in doubt, unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from xray_helper.spark.lineage import expressions as ex
from xray_helper.spark.lineage.execution_plans import Evidence, Ran
from xray_helper.spark.lineage.logical_plan import Definition
from xray_helper.spark.lineage.operator_match import find_operators, find_scans
from xray_helper.spark.lineage.physical_plan import Operator
from xray_helper.spark.lineage.pruning import pruned_in
from xray_helper.spark.lineage.step_plans import Asked, Knowledge

EXECUTED: Final = "executed"
INLINED: Final = "inlined"
ELIMINATED: Final = "eliminated"
UNKNOWN: Final = "unknown"


@dataclass
class Outcome:
    """The answer for one step."""

    kind: str = UNKNOWN
    stages: set[int] = field(default_factory=set)
    into: set[str] = field(default_factory=set)
    eliminated: list[str] = field(default_factory=list)  # columns

    def saw(self, ran: Ran, operator: Operator) -> None:
        """Note that an operator ran the step, or a part of it."""
        self.kind = EXECUTED
        self.stages.update(ran.stages_of(operator))


def decide(asked: Asked, *, knowledge: Knowledge, evidence: Evidence) -> Outcome:
    """Find out what became of one step."""
    outcome = Outcome()
    if asked.step.is_mixed:
        return outcome
    gone = [item for item in asked.definitions if not _was_executed(item, knowledge, evidence, outcome)]
    for ran in evidence.ran:
        matches = [found for node in asked.operators for found in find_operators(node, ran.plan, knowledge)]
        for operator in (*matches, *find_scans(asked, ran.plan)):
            outcome.saw(ran, operator)
    lost = [item for item in gone if not _was_inlined(item, knowledge, evidence, outcome)]
    if outcome.into and outcome.kind == UNKNOWN:
        outcome.kind = INLINED
    _eliminate(asked, lost, knowledge, evidence, outcome)
    if outcome.kind == UNKNOWN and not asked.definitions:
        scans = pruned_in(asked, knowledge=knowledge, evidence=evidence)
        if scans:
            outcome.kind, outcome.into = INLINED, scans
    return outcome


def _was_executed(item: Definition, knowledge: Knowledge, evidence: Evidence, outcome: Outcome) -> bool:
    """Look for the column's own id, or that of a mere rename of it, where something is computed."""
    names = knowledge.renames_of(item)
    found = False
    for ran in evidence.ran:
        makers = ran.plan.made.get(item.id, [])
        computers = [
            operator
            for name in names & ran.plan.defined.keys()
            for operator, text in ran.plan.defined[name]
            if _computes(text, item, is_same=name == item.id, knowledge=knowledge)
        ]
        for operator in (*makers, *computers):
            outcome.saw(ran, operator)
            found = True
    return found


def _computes(text: str, item: Definition, *, is_same: bool, knowledge: Knowledge) -> bool:
    """Tell whether what is written for a column is its computation, not what was left of it."""
    if is_same:
        if item.refs and not ex.ids(text):
            return False  # folded to a constant, such as the nulls of an empty join side
        return not ex.is_bare(text) or text.startswith("pythonUDF")
    return any(variant in ex.normal(text) for variant in knowledge.variants_of(item))


def _was_inlined(item: Definition, knowledge: Knowledge, evidence: Evidence, outcome: Outcome) -> bool:
    """Look for the column's computation inside the columns and conditions that use it."""
    if not item.refs or not knowledge.is_only_one(item):
        return False
    texts, users = knowledge.variants_of(item), knowledge.users_of(item)
    conditions = [(name, knowledge.variants(text)) for name, text in knowledge.conditions_on(item)]
    into: set[str] = set()
    for plan in (ran.plan for ran in evidence.ran):
        for number in users.keys() & plan.defined.keys():
            for _, seen in plan.defined[number]:
                if any(_holds_more(seen, users[number].text, text) for text in texts):
                    into.add(knowledge.step_name(number))
        for text in (ex.normal(text) for operator in plan.operators for text in operator.conditions):
            into.update(name for name, variants in conditions if text in variants)
    outcome.into |= into
    return bool(into)


def _holds_more(seen: str, asked: str, text: str) -> bool:
    return ex.normal(seen).count(text) > ex.normal(asked).count(text)


def _eliminate(
    asked: Asked, lost: list[Definition], knowledge: Knowledge, evidence: Evidence, outcome: Outcome
) -> None:
    """Call columns eliminated, and the step when it had nothing else, if nothing that ran can hold them."""
    since_ms = asked.started_ms
    if not (evidence.is_complete and knowledge.is_complete):
        return
    if any(time_ms >= since_ms for time_ms in evidence.unreadable_since_ms):
        return
    later = [ran for ran in evidence.ran if ran.ended_ms >= since_ms]
    gone = [item for item in lost if later and all(knowledge.cannot_hold(ran.plan, item) for ran in later)]
    outcome.eliminated = [item.name for item in gone]
    only_columns = asked.operators_known and not asked.operators
    if outcome.kind == UNKNOWN and only_columns and gone and len(gone) == len(asked.definitions):
        outcome.kind = ELIMINATED
