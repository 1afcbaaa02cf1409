"""Programs run without an engine: what is recorded, what is unknown, and that a run leaves nothing behind.

Real resource classes of both providers are used. That the engine would register the same is shown where the real
engine runs, not here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pulumi
import pytest
from groundplan.core.errors import GroundplanError, UsageError
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.planned import Secret, Unknown
from groundplan.stacks.planning.recording import record

from planning_kit import Box, Toy, config, draft, exported, planned, urn

GROUP = urn("group", "azure-native:resources:ResourceGroup")
WORKSPACE = urn("workspace", "azure-native:machinelearningservices:Workspace")


def azure() -> None:
    from pulumi_azure_native import machinelearningservices as ml
    from pulumi_azure_native import resources

    group = resources.ResourceGroup("group", resource_group_name="rg", location="westeurope")
    workspace = ml.Workspace(
        "workspace",
        workspace_name="ws",
        resource_group_name=group.name,
        location=group.location,
        identity=ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=["one"]),
        opts=pulumi.ResourceOptions(protect=True, ignore_changes=["tags"]),
    )
    ml.Compute(
        "compute",
        compute_name="cpu",
        resource_group_name="rg",
        workspace_name="ws",
        properties=ml.AmlComputeArgs(
            compute_type="AmlCompute",
            description=workspace.id,
            properties=ml.AmlComputePropertiesArgs(
                vm_size="Standard_DS3_v2",
                subnet=ml.ResourceIdArgs(id=pulumi.Output.concat(workspace.id, "/", group.id)),
            ),
        ),
        opts=pulumi.ResourceOptions(depends_on=[group]),
    )
    pulumi.export("workspace", {"id": workspace.id, "name": "ws"})


def google() -> None:
    import pulumi_gcp as gcp

    bucket = gcp.storage.Bucket("bucket", name="data", location="EU", uniform_bucket_level_access=True)
    gcp.storage.BucketIAMMember(
        "reader", bucket=bucket.name, role="roles/storage.objectViewer", member="user:a@b.example"
    )


def test_inputs_are_in_the_providers_names_and_what_only_up_can_know_names_its_source(tmp_path: Path) -> None:
    compute = planned(azure, config(tmp_path))["compute"]

    assert compute.properties == {
        "computeName": "cpu",
        "properties": {
            "computeType": "AmlCompute",
            "description": Unknown(of=(WORKSPACE,), property="id"),
            "properties": {
                "enableNodePublicIp": True,
                "osType": "Linux",
                "remoteLoginPortPublicAccess": "NotSpecified",
                "subnet": {"id": Unknown(of=(WORKSPACE, GROUP))},
                "vmSize": "Standard_DS3_v2",
            },
        },
        "resourceGroupName": "rg",
        "workspaceName": "ws",
    }
    assert (compute.dependencies, compute.property_dependencies) == (
        (WORKSPACE, GROUP),
        {"properties": (WORKSPACE, GROUP)},
    )


def test_plain_inputs_come_back_as_outputs_and_everything_else_is_unknown(tmp_path: Path) -> None:
    azure_plan, google_plan = planned(azure, config(tmp_path)), planned(google, config(tmp_path))
    workspace = azure_plan["workspace"]

    assert workspace.properties["location"] == "westeurope"
    assert workspace.properties["resourceGroupName"] == Unknown(of=(GROUP,), property="name")
    assert workspace.properties["identity"] == {"type": "UserAssigned", "userAssignedIdentities": ["one"]}
    assert (workspace.protect, workspace.ignore_changes) == (True, ("tags",))
    assert google_plan["reader"].properties["bucket"] == "data"
    assert exported(azure) == {"workspace": {"id": Unknown(), "name": "ws"}}


def test_a_resource_in_components_has_the_engines_urn(tmp_path: Path) -> None:
    def program() -> None:
        outer = Box("outer")
        inner = Box("inner", pulumi.ResourceOptions(parent=outer))
        Toy("leaf", pulumi.ResourceOptions(parent=inner), size=3.0)

    leaf = planned(program, config(tmp_path))["leaf"]

    assert leaf.urn == "urn:pulumi:dev::churn::groundplan:toy:Box$groundplan:toy:Box$toy:index:Toy::leaf"
    assert leaf.parent == "urn:pulumi:dev::churn::groundplan:toy:Box$groundplan:toy:Box::inner"
    assert (leaf.properties, type(leaf.properties["size"])) == ({"size": 3}, int)


def test_other_stacks_are_unknown_and_look_ups_are_refused(tmp_path: Path) -> None:
    def reads() -> None:
        shared = pulumi.StackReference("shared", stack_name="organization/churn/shared")
        Toy("toy", of=shared.require_output("principal"))

    def looks_up() -> None:
        import pulumi_gcp as gcp

        Toy("toy", zones=gcp.compute.get_zones_output(region="europe-west4").names)

    found = planned(reads, config(tmp_path))
    with pytest.raises(GroundplanError, match="asks for live data"):
        draft(looks_up, config(tmp_path))

    reference = urn("shared", "pulumi:pulumi:StackReference")
    assert found["toy"].properties == {"of": Unknown(of=(reference,))}
    assert found["shared"].properties == {"name": "organization/churn/shared"}


def test_secrets_are_neither_in_properties_nor_in_exports(tmp_path: Path) -> None:
    def program() -> None:
        secret = pulumi.Output.secret("hunter2-canary")
        toy = Toy("toy", password=secret, url=pulumi.Output.concat("https://a:", secret), plain="open")
        pulumi.export("echoed", toy.made)
        pulumi.export("password", secret)

    toy = planned(program, config(tmp_path))["toy"]

    assert [type(toy.properties[name]) for name in ("password", "plain", "url")] == [Secret, str, Secret]
    assert isinstance(exported(program)["password"], Secret)
    assert "hunter2" not in repr((toy, exported(program)))
    assert "hunter2" not in repr(draft(program, config(tmp_path)))


def test_the_aliases_of_an_sdk_are_left_out_and_a_programs_own_are_kept(tmp_path: Path) -> None:
    def program() -> None:
        from pulumi_azure_native import resources

        resources.ResourceGroup("group", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="before")]))

    ((_, request),) = record(program, project="churn", stack="dev").requests

    assert [alias.spec.name for alias in request.aliases] == ["before"]


def test_steps_after_up_are_those_of_the_components_in_their_order(tmp_path: Path) -> None:
    def program() -> None:
        for name in ("b", "a"):
            Box(name).__dict__["steps"] = (AfterUp(title=name, reason="because"),)

    assert [step.title for step in record(program, project="churn", stack="dev").steps] == ["b", "a"]


class _OwnError(UsageError):
    pass


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (lambda: 1 / 0, "toy.*ZeroDivisionError: division by zero"),
        (lambda: sys.exit(3), "SystemExit: 3"),
        (lambda: Toy("broken", size=object()), "broken \\(toy:index:Toy\\) is planned"),
        (lambda: Toy("late", size=pulumi.Output.from_input("x").apply(int)), "late .*: ValueError: invalid literal"),
        (
            lambda: Toy("late", size=pulumi.Output.secret("hunter2-canary").apply(int)),
            "late .*: ValueError: .*\\*\\*\\*",
        ),
    ],
)
def test_a_program_that_fails_is_one_error_with_the_resource(
    fault: object, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    def program() -> None:
        Toy("toy", password=pulumi.Output.secret("hunter2-canary"))
        assert callable(fault)
        fault()

    with pytest.raises(GroundplanError, match=message) as caught:
        record(program, project="churn", stack="dev")

    assert "hunter2" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_an_error_of_groundplans_own_is_passed_on() -> None:
    def program() -> None:
        raise _OwnError("no", where="here")

    with pytest.raises(_OwnError):
        record(program, project="churn", stack="dev")


def test_a_failed_run_does_not_spoil_the_next(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    def fails() -> None:
        azure()
        Toy("broken", size=object())

    before = planned(azure, config(tmp_path))
    for _ in range(3):
        with pytest.raises(GroundplanError):
            record(fails, project="other", stack="prod")

    assert planned(azure, config(tmp_path)) == before
    assert capfd.readouterr() == ("", "")
    assert pulumi.runtime.get_root_resource() is None


def test_two_resources_with_one_urn_are_named(tmp_path: Path) -> None:
    def program() -> None:
        for name in ("a", "b", "a", "b"):
            Toy(name)

    with pytest.raises(GroundplanError) as caught:
        draft(program, config(tmp_path))

    assert [one.message for one in caught.value.problems] == [
        "two resources of type toy:index:Toy have the logical name a",
        "two resources of type toy:index:Toy have the logical name b",
    ]


def test_what_pulumi_has_to_say_is_not_printed(capfd: pytest.CaptureFixture[str]) -> None:
    def program() -> None:
        pulumi.log.warn("old")
        pulumi.log.info("new")

    record(program, project="churn", stack="dev")

    assert capfd.readouterr() == ("", "")
