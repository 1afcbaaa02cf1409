"""What of a text names another resource. Proves nothing of resources that name each other in ways of their own."""

from __future__ import annotations

import pytest
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain

ENDPOINT = "azure-native:machinelearningservices:OnlineEndpoint"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("bq://acme.churn_requests.churn", "churn_requests"),
        ("azureml:churn-1:blue", "churn-1"),
        ('AmlOnlineEndpointTrafficLog | where EndpointName == "churn-1"', "churn-1"),
        ("/subscriptions/s/resourceGroups/g/providers/x/onlineEndpoints/churn-1/deployments/blue", "churn-1"),
    ],
)
def test_a_text_names_what_stands_in_it(text: str, name: str) -> None:
    graph = _graph(text, name)

    assert [one.name for one in graph.referring(graph.of(ENDPOINT)[0], "x:y:Referrer", "of")] == ["referrer"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("azureml://registries/mlr/models/churn/versions/3", "3:blue"),
        ("bq://acme.churn_requests.churn", "churn_request"),
        ('EndpointName == "churn-12"', "churn-1"),
    ],
)
def test_a_text_does_not_name_what_is_only_like_it(text: str, name: str) -> None:
    graph = _graph(text, name)

    assert graph.referring(graph.of(ENDPOINT)[0], "x:y:Referrer", "of") == []


def _graph(text: str, name: str) -> Graph:
    return Graph(
        plain.resources(
            [
                {"type": ENDPOINT, "name": "endpoint", "properties": {"endpointName": name}},
                {"type": "x:y:Referrer", "name": "referrer", "properties": {"of": text}},
            ]
        )
    )
