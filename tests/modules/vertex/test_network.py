"""The network: who can reach in, what can be reached, and how Google's services are. Not proved: that packets do so."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any, cast

import pytest
from groundplan.core.errors import ConfigError
from groundplan.modules.contract.context import Account
from groundplan.modules.contract.foundation import FoundationArguments
from groundplan.modules.contract.network import NetworkArguments
from groundplan.modules.vertex.foundation import Foundation
from groundplan.modules.vertex.network import Network

import google_stack
import pulumi_kit
from google_stack import HUB, LABELS, NUMBER, PROJECT, REGION, Made, Variant

VPC = "<network-vpc.id>"


def test_a_private_platform_has_a_network_without_a_way_out(default: Made) -> None:
    assert default.inputs("network-vpc") == {
        "project": PROJECT,
        "name": "churn-dev",
        "description": "churn dev",
        "autoCreateSubnetworks": False,
        "deleteDefaultRoutesOnCreate": True,
        "routingMode": "REGIONAL",
    }
    assert default.names("network-route") == ["network-route-google"]
    assert default.inputs("network-route-google") == {
        "project": PROJECT,
        "name": "churn-dev-google",
        "network": VPC,
        "destRange": "199.36.153.8/30",
        "nextHopGateway": "default-internet-gateway",
        "priority": 1000,
    }
    assert "network-nat" not in default.by_name


def test_subnets_reach_google_privately_and_log_their_flows(default: Made) -> None:
    assert default.inputs("network-computes") == {
        "project": PROJECT,
        "region": REGION,
        "name": "churn-dev-computes",
        "network": VPC,
        "ipCidrRange": "10.10.0.0/21",
        "privateIpGoogleAccess": True,
        "stackType": "IPV4_ONLY",
        "logConfig": {
            "aggregationInterval": "INTERVAL_10_MIN",
            "flowSampling": 0.5,
            "metadata": "INCLUDE_ALL_METADATA",
        },
    }
    assert default.inputs("network-endpoints")["ipCidrRange"] == "10.10.8.0/22"
    assert default.inputs("network-attachments")["ipCidrRange"] == "10.10.12.0/22"


def test_the_address_space_is_divided_without_overlap(joined: Made) -> None:
    services = joined.inputs("network-services")
    parts = [
        IPv4Network(str(joined.inputs("network-computes")["ipCidrRange"])),
        IPv4Network(str(joined.inputs("network-endpoints")["ipCidrRange"])),
        IPv4Network(f"{services['address']}/{services['prefixLength']}"),
    ]

    assert [str(one) for one in parts] == ["10.1.0.0/25", "10.1.0.128/26", "10.1.0.192/26"]


@pytest.mark.parametrize("addresses", ["10.0.0.0/27", "10.0.0.0/32"])
def test_an_address_space_that_cannot_be_divided_is_the_configs_mistake(addresses: str) -> None:
    with pytest.raises(ConfigError) as error:
        google_stack.environment(Variant(address_space=addresses))

    problem = error.value.problems[0]
    assert (problem.message, problem.where, problem.hint) == (
        f"{addresses} is too small to be divided into subnets",
        "network.address_space",
        "Name at least a /26: an attachment takes at least a /28.",
    )


def test_the_smallest_address_space_is_divided() -> None:
    made = google_stack.environment(Variant(address_space="10.0.0.0/26"))

    assert made.inputs("network-attachments")["ipCidrRange"] == "10.0.0.48/28"


def test_nobody_reaches_in_and_nothing_reaches_out_but_to_google(default: Made) -> None:
    assert _rules(default) == {
        "inside-in": (100, "INGRESS", "allow", ["10.10.0.0/20"], "all"),
        "nobody-in": (65000, "INGRESS", "deny", ["0.0.0.0/0"], "all"),
        "inside-out": (110, "EGRESS", "allow", ["10.10.0.0/20"], "all"),
        "google-out": (120, "EGRESS", "allow", ["199.36.153.8/30"], "tcp:443"),
        "nothing-out": (65001, "EGRESS", "deny", ["0.0.0.0/0"], "all"),
    }
    refusals = {name for name in _rules(default) if default.inputs(f"network-{name}")["enableLogging"]}
    assert refusals == {"nobody-in", "nothing-out"}


def test_the_firewall_covers_the_network_once_its_rules_are_there(default: Made) -> None:
    association = default["network-firewall-association"]

    assert association.properties == {
        "project": PROJECT,
        "name": "churn-dev",
        "firewallPolicy": "churn-dev",
        "attachmentTarget": VPC,
    }
    assert {f"network-{name}" for name in _rules(default)} <= set(pulumi_kit.depends_on(association))


def test_hosts_that_are_named_can_be_reached_through_nat(hardened: Made) -> None:
    assert _rules(hardened)["named-out"] == (
        130, "EGRESS", "allow", ["pypi.org", "files.pythonhosted.org"], "tcp:443",
    )  # fmt: skip
    assert hardened.inputs("network-route-internet")["destRange"] == "0.0.0.0/0"
    assert hardened.inputs("network-nat") == {
        "project": PROJECT,
        "region": REGION,
        "name": "churn-prod",
        "router": "churn-prod",
        "natIpAllocateOption": "AUTO_ONLY",
        "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES",
        "logConfig": {"enable": True, "filter": "ALL"},
    }


@pytest.mark.parametrize(("stack", "host", "first"), [("default", "private", 8), ("hardened", "restricted", 4)])
def test_googles_names_lead_to_private_addresses(
    stack: str, host: str, first: int, request: pytest.FixtureRequest
) -> None:
    made: Made = request.getfixturevalue(stack)
    addresses = [f"199.36.153.{last}" for last in range(first, first + 4)]

    records = {
        one.properties["name"]: one.properties["rrdatas"]
        for name, one in made.by_name.items()
        if name.startswith("network-record-")
    }

    assert records["*.googleapis.com."] == [f"{host}.googleapis.com."]
    assert records[f"{host}.googleapis.com."] == addresses
    assert records["pkg.dev."] == addresses
    assert records["*.pkg.dev."] == ["pkg.dev."]


def test_a_zone_is_seen_by_the_network_only(default: Made) -> None:
    assert default.inputs("network-zone-googleapis-com") == {
        "project": PROJECT,
        "name": "churn-dev-googleapis-com",
        "dnsName": "googleapis.com.",
        "description": "googleapis.com by private addresses",
        "visibility": "private",
        "privateVisibilityConfig": {"networks": [{"networkUrl": VPC}]},
        "labels": LABELS,
    }


def test_vertex_ai_enters_through_an_attachment_that_its_agent_guards(default: Made) -> None:
    attachment = default["network-attachment"]

    assert attachment.properties == {
        "project": PROJECT,
        "region": REGION,
        "name": "churn-dev",
        "description": "Private Service Connect interfaces of Vertex AI",
        "connectionPreference": "ACCEPT_MANUAL",
        "subnetworks": ["<network-attachments.id>"],
    }
    assert attachment.ignore_changes == ("producerAcceptLists",)
    assert default.inputs("network-attachment-agent") == {
        "project": PROJECT,
        "role": "projects/acme-churn/roles/churn_dev_attachment_user",
        "member": f"serviceAccount:service-{NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com",
    }
    assert "network-attachment-agent" in pulumi_kit.depends_on(attachment)


def test_peered_services_get_addresses_of_the_network(joined: Made) -> None:
    assert joined.inputs("network-services") == {
        "project": PROJECT,
        "name": "churn-dev-services",
        "description": "Addresses of Google's services that are peered",
        "purpose": "VPC_PEERING",
        "addressType": "INTERNAL",
        "address": "10.1.0.192",
        "prefixLength": 26,
        "network": VPC,
        "labels": LABELS,
    }
    assert joined.inputs("network-service-connection") == {
        "network": VPC,
        "service": "servicenetworking.googleapis.com",
        "reservedPeeringRanges": ["churn-dev-services"],
        "updateOnCreationFail": True,
    }
    assert "network-attachment" not in joined.by_name


def test_a_network_joins_the_hub_from_both_sides_one_after_the_other(joined: Made) -> None:
    assert joined.inputs("network-to-hub") == {
        "name": "churn-dev-to-hub",
        "network": VPC,
        "peerNetwork": HUB,
        "importCustomRoutes": True,
    }
    assert joined.inputs("network-from-hub") == {
        "name": "churn-dev-from-hub",
        "network": HUB,
        "peerNetwork": VPC,
        "exportCustomRoutes": True,
    }
    assert "network-to-hub" in pulumi_kit.depends_on(joined["network-from-hub"])
    assert _rules(joined)["inside-in"][3] == ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


def test_the_hub_has_neither_attachment_nor_peered_services(shared: Made) -> None:
    assert shared.inputs("network-computes")["ipCidrRange"] == "10.0.0.0/23"
    assert {"network-attachment", "network-services", "network-to-hub"} & set(shared.by_name) == set()


def test_a_public_platform_needs_no_network(public: Made) -> None:
    assert public.names("network-") == []


def test_a_public_platform_with_addresses_lets_nobody_in_and_everything_out() -> None:
    made = google_stack.environment(Variant(public=True, address_space="10.3.0.0/24"))

    assert set(_rules(made)) == {"inside-in", "nobody-in"}
    assert made.names("network-zone-") == []
    assert made.names("network-route-") == ["network-route-internet"]


def test_a_perimeter_starts_by_logging_what_it_would_refuse(hardened: Made) -> None:
    perimeter = hardened["network-perimeter"]
    step = next(one for one in hardened.steps if "perimeter" in one.title)

    assert perimeter.properties == {
        "parent": "accessPolicies/555666777",
        "name": "accessPolicies/555666777/servicePerimeters/churn_prod",
        "title": "churn_prod",
        "description": "churn prod",
        "perimeterType": "PERIMETER_TYPE_REGULAR",
        "useExplicitDryRunSpec": True,
        "spec": {
            "resources": [f"projects/{NUMBER}"],
            "restrictedServices": [
                f"{service}.googleapis.com"
                for service in (
                    "aiplatform", "artifactregistry", "bigquery", "cloudkms", "logging", "notebooks", "storage",
                )
            ],
            "vpcAccessibleServices": {"enableRestriction": True, "allowedServices": ["RESTRICTED-SERVICES"]},
        },
    }  # fmt: skip
    assert perimeter.ignore_changes == ("spec", "status", "useExplicitDryRunSpec")
    assert step.command == ("gcloud access-context-manager perimeters dry-run enforce churn_prod --policy=555666777")


def _rules(made: Made) -> dict[str, tuple[object, object, object, object, str]]:
    """Priority, direction, action, addresses or hosts, and protocol of each rule of the firewall."""
    found: dict[str, tuple[object, object, object, object, str]] = {}
    for one in made.by_name.values():
        if one.type.endswith(":NetworkFirewallPolicyRule"):
            match = dict(cast("Mapping[str, Any]", one.properties["match"]))
            (protocol,) = match.pop("layer4Configs")
            (places,) = match.values()
            what = ":".join([protocol["ipProtocol"], *protocol.get("ports", ())])
            facts = one.properties
            found[str(facts["ruleName"])] = (facts["priority"], facts["direction"], facts["action"], places, what)
    return found


def _spec(shared: Account) -> Mapping[str, object]:
    def program() -> None:
        where = google_stack.context("prod", "production")
        foundation = Foundation("foundation", where, FoundationArguments()).outputs
        arguments = NetworkArguments(foundation=foundation, perimeter=True, access_policy="555666777", shared=shared)
        Network("network", where, arguments)

    made = pulumi_kit.by_name(pulumi_kit.record(program))
    return cast("Mapping[str, object]", made["network-perimeter"].properties["spec"])


def test_inside_the_perimeter_the_keys_and_images_of_another_project_can_be_used() -> None:
    assert _spec(Account(project="acme-shared", number="42"))["egressPolicies"] == [
        {
            "egressFrom": {"identityType": "ANY_IDENTITY"},
            "egressTo": {
                "resources": ["projects/42"],
                "operations": [
                    {"serviceName": f"{service}.googleapis.com", "methodSelectors": [{"method": "*"}]}
                    for service in ("artifactregistry", "cloudkms")
                ],
            },
        }
    ]


def test_a_perimeter_around_everything_lets_nothing_out() -> None:
    assert "egressPolicies" not in _spec(Account(project=PROJECT))


def test_a_perimeter_needs_the_number_of_the_project_that_it_lets_use() -> None:
    with pytest.raises(ConfigError, match="acme-shared, whose number is not written"):
        _spec(Account(project="acme-shared"))
