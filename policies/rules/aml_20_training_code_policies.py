"""What may run as training code is held by Azure's own policies.

What: for each control that the setting ``controls`` names, a ``PolicyAssignment`` of the program assigns Azure's policy
for it and enforces it: ``allowedModuleAuthors``, ``signingKey``, ``approvalEndpoint``, ``allowedACRs``,
``allowedPythonPackageChannels``, ``logFilter``.

Why: a job runs whatever code and image it is given. Where outsiders can submit jobs, these controls are what keeps
unsigned code, unknown packages and foreign images off the computes.

Fix: assign the policies with ``azure-native:authorization:PolicyAssignment`` and name the computes in their parameters.

Decided: the published policies set something at run time that no compute shows. What can be seen before is whether they
are assigned, so that is what is judged. They are previews and of use to few, so the rule asks for none of them until
the setting names it.
"""

from functools import partial

from ..conditions import folded
from ..outcome import Outcome, failed, not_applicable, passed, unknown
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity

COMPUTE = "azure-native:machinelearningservices:Compute"
ASSIGNMENT = "azure-native:authorization:PolicyAssignment"
_POLICIES = {
    "allowedmoduleauthors": "53c70b02-63dd-11ea-bc55-0242ac130003",
    "signingkey": "6a6f7384-63de-11ea-bc55-0242ac130003",
    "approvalendpoint": "3948394e-63de-11ea-bc55-0242ac130003",
    "allowedacrs": "5853517a-63de-11ea-bc55-0242ac130003",
    "allowedpythonpackagechannels": "77eeea86-7e81-4a7d-9067-de844d096752",
    "logfilter": "1d413020-63de-11ea-bc55-0242ac130003",
}


def _check(_compute: Resource, facts: Facts) -> Said:
    controls = facts.texts("controls")
    return [facts.once(one, partial(_assigned, one, facts)) for one in controls] or not_applicable(
        "no control is asked for"
    )


def _assigned(control: str, facts: Facts) -> Outcome:
    references = facts.graph.references(ASSIGNMENT, "policyDefinitionId")
    expected = f"an enforced assignment of the policy for {control}"
    modes = [
        folded(one.get("enforcementMode"))
        for one in references.by_key.get(_POLICIES.get(control.lower(), control.lower()), ())
    ]
    if any(mode != "donotenforce" for mode in modes):
        return passed("", control)
    return unknown("", expected) if references.unsure else failed("", modes[0] if modes else "none", expected)


_COMPUTE = {"type": COMPUTE, "name": "cluster", "properties": {"properties": {"computeType": "AmlCompute"}}}
_DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/6a6f7384-63de-11ea-bc55-0242ac130003"
_SIGNED = {"controls": ("signingKey",)}


def _assignment(**properties: object) -> dict[str, object]:
    return {"type": ASSIGNMENT, "name": "signed", "properties": {"policyDefinitionId": _DEFINITION, **properties}}


RULE = ResourceRule(
    id="AML-20",
    title="Training-code controls assigned",
    severity=Severity.MEDIUM,
    scope="graph",
    types=(COMPUTE,),
    check=_check,
    options={
        "controls": Option(
            default=(), help="The controls that must be assigned: names as above, or ids of policy definitions."
        )
    },
    covers=tuple(f"azp:{id}" for id in _POLICIES.values()),
    packs=("hardened",),
    failing=(
        Example(name="not assigned", resources=[_COMPUTE], settings=_SIGNED),
        Example(
            name="assigned, not enforced",
            resources=[_COMPUTE, _assignment(enforcementMode="DoNotEnforce")],
            settings=_SIGNED,
        ),
        Example(
            name="another one assigned", resources=[_COMPUTE, _assignment()], settings={"controls": ("allowedACRs",)}
        ),
    ),
    passing=(Example(name="assigned", resources=[_COMPUTE, _assignment()], settings=_SIGNED),),
)
