"""What a cloud would refuse of a config: each bad line gives exactly these problems, at these places, with these fixes.

That the clouds' own lists are still as they were written down is not proved here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.modules.contract.context import Account, Context
from groundplan.stacks.config.checks_of_machines import LONGEST_AT_AZURE

from cloud_configs import AZURE, AZURE_IDS, FIRST_LINES, GOOGLE, problems

SERVE = "europe-west4-docker.pkg.dev/acme-churn/images/serve"


@pytest.mark.parametrize(
    ("platform", "region", "expected"),
    [
        ("azureml", "westeurop", ("'westeurop' is not a region of azureml", "Did you mean 'westeurope'?")),
        ("azureml", "westindia",
         ("Azure Machine Learning is not offered in 'westindia'", "Such as westeurope.")),
        ("azureml", "europe-west4",
         ("'europe-west4' is not a region of azureml",
          "Such as westeurope; groundplan knows the regions of 2026-11.")),
        ("azureml", "West Europe",
         ("region: expected a region such as westeurope or europe-west4; got the text 'West Europe'",
          "Did you mean 'westeurope'?")),
        ("vertex", "europe-west-4", ("'europe-west-4' is not a region of vertex", "Did you mean 'europe-west4'?")),
        ("vertex", "northamerica-south1",
         ("Vertex AI is not offered in 'northamerica-south1'", "Such as europe-west4.")),
        ("vertex", "atlantis",
         ("'atlantis' is not a region of vertex", "Such as europe-west4; groundplan knows the regions of 2026-11.")),
    ],
)  # fmt: skip
def test_a_region_that_the_cloud_does_not_have_is_told(
    tmp_path: Path, platform: str, region: str, expected: tuple[str, str]
) -> None:
    text = FIRST_LINES[platform].replace("westeurope", region).replace("europe-west4", region)

    assert problems(tmp_path, text) == [("3:9", *expected)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("compute: {big: {size: standard_ds3v2}}",
         ("5:23", "'standard_ds3v2' is not a machine size of azureml", "Did you mean 'Standard_DS3_v2'?")),
        ("compute: {big: {size: Gigantic}}",
         ("5:23", "'Gigantic' is not a machine size of azureml",
          "groundplan knows the sizes of 2026-11; a newer one is set with overrides.")),
        ("compute: {gpu: {kind: gpu, size: Standard_D4s_v5}}",
         ("5:34", "compute 'gpu' is of kind gpu, and Standard_D4s_v5 has no GPU",
          "Such as Standard_NC4as_T4_v3; or leave size out.")),
        ("compute: {big: {size: Standard_NC64as_T4_v3}}",
         ("5:23", "compute 'big' is of kind cpu, and Standard_NC64as_T4_v3 comes with 4 × NVIDIA T4",
          "Write 'kind: gpu', or choose a size without a GPU.")),
        ("compute: {a-name-of-19-chars-x: {}}",
         ("5:11", "the cluster's name 'a-name-of-19-chars-x' has 20 characters; at Azure there is room for 18",
          "Give it a shorter name.")),
        ("compute: {the-desk-of-jo-a: {type: workstation, owner: 22222222-0000-4000-8000-000000000001}}",
         ("5:11", "the workstation's name 'the-desk-of-jo-a' has 16 characters; at Azure there is room for 15",
          "Give it a shorter name.")),
        ("compute: {fast-one: {}, fast_one: {}}",
         ("5:25", "'fast-one' and 'fast_one' become the same name at the cloud", "Rename one of them.")),
        ("compute: {desk: {type: workstation}}",
         ("5:11", "compute 'desk' is a workstation and belongs to nobody",
          "Add 'owner: …', the person who works on it.")),
        ("endpoints: {an-endpoint-of-24-letters: {}}",
         ("5:13", "the endpoint's name 'an-endpoint-of-24-letters' has 25 characters; at Azure there is room for 23",
          "Give it a shorter name.")),
        ("endpoints: {churn: {size: Standard_DS3v2}}",
         ("5:27", "'Standard_DS3v2' is not a machine size of azureml", "Did you mean 'Standard_DS3_v2'?")),
        ("endpoints: {churn: {min_instances: 3, max_instances: 2}}",
         ("5:36", "endpoint 'churn': min_instances (3) is above max_instances (2)", "")),
        ("endpoints: {churn: {schedule: '0 1 * * *'}}",
         ("5:21", "endpoint 'churn' is online: it answers when it is asked",
          "Write 'kind: batch', or remove the schedule.")),
        ("endpoints: {churn: {request_timeout: 4m}}",
         ("5:38", "endpoint 'churn': Azure ends a request after 180 seconds; request_timeout is 4m",
          "Write 3m or less, or 'kind: batch' for what takes longer.")),
        ("endpoints: {churn: {kind: batch, compute: defualt}}",
         ("5:43", "there is no compute 'defualt'", "Did you mean 'default'?")),
        ("endpoints: {churn: {shared_pool: true}}",
         ("5:21", "endpoints.churn.shared_pool means nothing on azureml", "Remove it.")),
        ("endpoints: {churn: {image: 'acme.azurecr.io/serve:1'}}",
         ("5:21", "endpoints.churn.image means nothing on azureml", "Remove it.")),
    ],
)  # fmt: skip
def test_a_machine_that_azure_would_refuse_is_told(tmp_path: Path, line: str, expected: tuple[str, str, str]) -> None:
    assert problems(tmp_path, f"{AZURE}{line}\n") == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("compute: {big: {size: n1-standrad-4}}",
         [("5:23", "'n1-standrad-4' is not a machine size of vertex", "Did you mean 'n1-standard-4'?")]),
        ("compute: {gpu: {kind: gpu, size: e2-standard-4}}",
         [("5:34", "compute 'gpu' is of kind gpu, and e2-standard-4 has no GPU",
           "Such as g2-standard-4; or leave size out.")]),
        ("compute: {big: {size: g2-standard-8}}",
         [("5:23", "compute 'big' is of kind cpu, and g2-standard-8 comes with 1 × NVIDIA_L4",
           "Write 'kind: gpu', or choose a size without a GPU.")]),
        ("compute: {gpu: {kind: gpu, size: n1-standard-4}}", []),
        ("endpoints: {churn: {pinned: {uri: projects/p/models/1, training: 'azureml:t:1'}}}",
         [("5:56", "endpoints.churn.pinned.training means nothing on vertex", "Remove it.")]),
        ("compute: {gpu-2: {}}", []),
    ],
)  # fmt: skip
def test_a_machine_that_google_would_refuse_is_told(
    tmp_path: Path, line: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{GOOGLE}{line}\n") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"endpoints: {{churn: {{image: '{SERVE}:1'}}, batch: {{model: churn, image: '{SERVE}:1'}}}}", []),
        ("endpoints: {churn: {image: 'serve:1'}}",
         [("5:28", "'serve:1' is no image in Artifact Registry",
           "Such as europe-west4-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG; Vertex AI takes no other.")]),
        (f"endpoints: {{churn: {{image: '{SERVE}:1'}}, other: {{model: churn, image: '{SERVE}:2'}}}}",
         [("5:115", f"another endpoint serves churn with another image: '{SERVE}:1'",
           "Vertex AI keeps the image with a model's version: name the same one at both.")]),
    ],
)  # fmt: skip
def test_an_image_that_vertex_would_not_take_or_keep_is_told(
    tmp_path: Path, line: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{GOOGLE}{line}\n") == expected


VAULT = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/vaults"
OTHER_REGION = "A cloud encrypts with keys of the same region only: name one there, or leave encryption.key out."


@pytest.mark.parametrize(
    ("platform", "lines", "expected"),
    [
        ("azureml", "key: k",
         [("6:8", "encryption.key is not the id of a key at Azure", "Such as https://VAULT.vault.azure.net/keys/NAME."),
          ("6:8", "encryption.vault must be the resource id of the vault that holds the key",
           "az keyvault show --name VAULT --query id --output tsv"),
          ("6:8", "encryption.region is missing: Azure's key id does not say where the key is",
           "Add 'region: westeurope', if it is there.")]),
        ("azureml", "region: westeurope",
         [("6:3", "encryption.region says where a key is, and encryption.key names none",
           "Add the key, or remove this line: then groundplan makes one.")]),
        ("azureml", f"key: https://kv-a.vault.azure.net/keys/k\n  vault: {VAULT}/kv-b\n  region: northeurope",
         [("7:10", "the key lies in 'kv-a', and encryption.vault names another",
           "az keyvault show --name kv-a --query id --output tsv"),
          ("8:11", "the key is in northeurope, and what it is to encrypt is in westeurope", OTHER_REGION)]),
        ("azureml", f"key: https://kv-a.vault.azure.net/keys/k\n  vault: {VAULT}/KV-A\n  region: westeurope", []),
        ("vertex", "key: k",
         [("6:8", "encryption.key is not the id of a key at Google Cloud",
           "Such as projects/P/locations/REGION/keyRings/RING/cryptoKeys/KEY.")]),
        ("vertex", "key: projects/p/locations/global/keyRings/r/cryptoKeys/k",
         [("6:8", "the key is in global, and what it is to encrypt is in europe-west4", OTHER_REGION)]),
        ("vertex", "key: projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k\n  region: europe-west4",
         [("7:3", "encryption.region means nothing on vertex", "Remove it.")]),
    ],
)  # fmt: skip
def test_a_key_that_cannot_encrypt_what_is_there_is_told(
    tmp_path: Path, platform: str, lines: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{FIRST_LINES[platform]}encryption:\n  {lines}\n") == expected


NOBODY_TOLD = "the budget would be exceeded and nobody told: budget.contacts is empty"


@pytest.mark.parametrize(
    ("platform", "budget", "expected"),
    [
        ("azureml", "amount: 0, start: '2027-01-01', contacts: [jo@example.com]",
         [("5:18", "budget.amount: expected more than 0; got 0", "Leave budget out to have none.")]),
        ("azureml", "amount: 9, contacts: [jo@example.com]",
         [("5:1", "budget.start is missing: Azure counts from the first day of a month",
           "Add 'start: \"2027-01-01\"', with the month in which it begins.")]),
        ("azureml", "amount: 9, start: '2026-12-15', contacts: [jo@example.com]",
         [("5:28", "budget.start: expected the first day of a month, such as '2027-01-01'; got the text '2026-12-15'",
           "")]),
        ("azureml", "amount: 9, start: '2026-13-01', contacts: [jo@example.com]",
         [("5:28", "budget.start: there is no day '2026-13-01'", "")]),
        ("azureml", "amount: 9, start: '2027-01-01'",
         [("5:1", NOBODY_TOLD, "Add 'contacts: [team@example.com]'.")]),
        ("azureml", "amount: 9, start: '2027-01-01', contacts: [jo]", [("5:53", "'jo' is no e-mail address", "")]),
        ("vertex", "amount: 9, contacts: [jo@example.com], start: '2027-01-01'",
         [("5:1", "a budget at Google Cloud needs account.billing_account and account.number",
           "gcloud billing projects describe PROJECT; gcloud projects describe PROJECT"),
          ("5:49", "budget.start means nothing on vertex", "Remove it.")]),
    ],
)  # fmt: skip
def test_a_budget_that_cannot_be_kept_is_told(
    tmp_path: Path, platform: str, budget: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{FIRST_LINES[platform]}budget: {{{budget}}}\n") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("monitoring: {enabled: true}",
         [("5:23", "monitoring is on, and its alerts would reach nobody", "Add 'alerts: [team@example.com]'.")]),
        ("monitoring: {alerts: ['@example.com']}", [("5:23", "'@example.com' is no e-mail address", "")]),
        ("maturity: automation", []),
    ],
)  # fmt: skip
def test_alerts_that_would_reach_nobody_are_told_unless_maturity_alone_brought_them(
    tmp_path: Path, line: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{AZURE}{line}\n") == expected


BOTH = "network.access is public, and network.address_space asks for a private network"
BY_ADDRESS = "team.data-engineer: the group 'team@example.com' is given as an e-mail address; Azure needs the object id"


def test_all_that_a_cloud_would_refuse_comes_at_once_also_what_is_wrong_in_itself(tmp_path: Path) -> None:
    text = (
        f"project: churn\nplatform: azureml\nregion: westeurop\naccount: {AZURE_IDS}\n"
        "team: {ml-engineer: [], data-engineer: ['group:team@example.com']}\n"
        "network: {access: public, address_space: 10.0.0.0/16}\n"
        "compute: {gpu-1: {size: Standard_DS3v2, max_nodes: 0}}\n"
        "budget: {amount: 0}\n"
        "retraining: {schedule: '61 * * * *'}\n"
        "environments:\n  dev: {promotes_to: dev}\n  prod: {network: {address_space: 10.0.128.0/17}}\n"
    )

    assert [(place, message) for place, message, _ in problems(tmp_path, text)] == [
        ("3:9", "'westeurop' is not a region of azureml"),
        ("5:8", "team.ml-engineer has no principals"),
        ("5:41", BY_ADDRESS),
        ("6:27", f"{BOTH} (environment dev)"),
        ("7:25", "'Standard_DS3v2' is not a machine size of azureml"),
        ("7:52", "compute.gpu-1.max_nodes: expected at least 1; got 0"),
        ("8:18", "budget.amount: expected more than 0; got 0"),
        ("9:24", "retraining.schedule: the minute '61' is not from 0 to 59"),
        ("11:9", "the environment 'dev' promotes to itself"),
        ("12:20", f"{BOTH} (environment prod)"),
        ("12:35", "10.0.128.0/17 of environment prod meets 10.0.0.0/16 of environment dev"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_an_environment_that_says_where_it_promotes_to_learns_that_the_order_does(tmp_path: Path, name: str) -> None:
    message = "the environment 'dev' promotes to itself" if name == "dev" else "there is no key 'promotes_to'"

    assert problems(tmp_path, f"{AZURE}environments: {{dev: {{promotes_to: {name}}}, prod: }}\n") == [
        ("5:22", message, "Remove it: a model passes the environments in the order of this file.")
    ]


def test_a_value_that_is_wrong_in_itself_is_not_missed_as_well(tmp_path: Path) -> None:
    text = AZURE.replace("westeurope", "Westeurope!").replace("-0000000000aa", "-aa")

    assert [message.partition(":")[0] for _, message, _ in problems(tmp_path, text)] == ["region", "account.tenant"]


def test_a_cloud_is_judged_before_any_sdk_is_imported(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text(f"{AZURE}compute: {{big: {{size: Standard_DS3v2}}}}\n")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from groundplan.core.errors import ConfigError\n"
        "from groundplan.stacks.config.reading import read_stacks\n"
        "try: read_stacks(Path(sys.argv[1]))\n"
        "except ConfigError as error: print(len(error.problems))\n"
        "real = [name for name, one in sys.modules.items() if getattr(one, '__file__', None)]\n"
        "print(sorted({name.partition('.')[0] for name in real} & {'azure', 'google', 'kfp', 'pulumi'}))\n"
    )

    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, capture_output=True, text=True)

    assert done.stdout == "1\n[]\n"


@pytest.mark.parametrize(("kind", "longest"), LONGEST_AT_AZURE.items())
def test_the_longest_name_of_a_config_fills_what_azure_allows(kind: str, longest: int) -> None:
    from groundplan.modules.azureml.compute import cluster_name, workstation_name
    from groundplan.modules.azureml.names import endpoint_name

    account = Account(subscription="00000000-0000-4000-8000-000000000001")
    context = Context(
        project="churn", environment="dev", tier="development", region="westeurope", account=account, tags={}
    )  # fmt: skip
    made = {
        "cluster": (24, cluster_name("c" * LONGEST_AT_AZURE["cluster"], "Standard_DS3_v2", spot=False)),
        "workstation": (24, workstation_name(context, "c" * LONGEST_AT_AZURE["workstation"], "Standard_DS3_v2")),
        "endpoint": (32, endpoint_name(context, "e" * LONGEST_AT_AZURE["endpoint"])),
    }

    allowed, name = made[kind]
    assert len(name) == allowed
    assert name.startswith(kind[0].replace("w", "c") * longest)
