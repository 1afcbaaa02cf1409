"""docs/azureml.md and docs/vertex.md: what each capability becomes at a cloud, from plans of the tests' configs."""

from __future__ import annotations

import importlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from groundplan.lifecycle.contract.need import Need
from groundplan.modules.contract.context import SHARED
from groundplan.modules.contract.needs import Permission
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.rules import TypeRules
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.needs import of_plan
from groundplan.stacks.planning import rules
from groundplan.stacks.planning.plan import Plan
from groundplan.stacks.planning.planning import plans

from . import ROOT

NAMES = ("azureml.md", "vertex.md")
_CONFIGS = ROOT / "tests" / "stacks" / "configs"
_SHOWN = ("full", "hardened")
_INTRODUCTION = """\
What the capabilities of groundplan.yaml become with `platform: {platform}`. Made by `make docs` from the plans of
`tests/stacks/configs/{platform}-full.yaml` and `{platform}-hardened.yaml`: their shared stack, their first environment,
where models are trained, and their last, which counts as production. Not yet run against a live account.
"""
_DATA = """\
A replacement or deletion of these stops until it is allowed by name. In production those marked are protected by the
engine as well.
"""
_UNDEPLOYING = {
    "azureml": """\
`groundplan destroy` lists the deployments of the stack's online endpoints, shows model, version and share of the
traffic before it asks, takes the traffic off, deletes the deployments one by one, and only then lets the engine work.
It signs in as azure-identity's DefaultAzureCredential does (`az login`; in CI the federated identity) and needs AzureML
Data Scientist or groundplan's own MLOps Deployer. Batch endpoints are left to the engine: nobody waits for them.
""",
    "vertex": """\
`groundplan destroy` lists the models on the stack's endpoints, and those of any endpoint on the machines of its
deployment resource pools, shows model, version and share of the traffic before it asks, undeploys them one by one,
those without traffic first, and only then lets the engine work: Vertex AI deletes no endpoint that has models. It signs
in by Application Default Credentials (`gcloud auth application-default login`; in CI the federated identity) and needs
roles/aiplatform.user or groundplan's own Deployer. `CLOUDSDK_API_ENDPOINT_OVERRIDES_AIPLATFORM` names another address
of the API, as for gcloud.
""",
}
_AGAIN = """\
What is throttled or fails for a moment is asked again; an operation that does not end stops at `--timeout`, half an
hour where none is given, with exit code 9. Run it again after any interruption: what is undeployed stays so, and what
is still at work is waited for. A model that was deployed since it asked stops it. `--no-undeploy` leaves the models
alone.
"""
_RUNNING = {
    "azureml": """\
`run` starts the pipeline component that `up` registered, as a job under the run's id; where the project is not what is
registered it says what changed. First it uploads, as who is signed in, the code to where the code asset says, and files
of data to a folder of their digest in the container `data`. What is there with the same digest stays, and a file of
data becomes a data asset whose version is of its digest. The job acts as the identity of pipelines. A step is taken
from an earlier job where component and inputs are the same, unless `--force`; where data lies at a `uri` without a
version (`azureml:NAME:VERSION`) every step runs, as nobody knows whether it changed. A step that is queued says what
its cluster says, such as which quota is short. Parameters, metrics and registered models are recorded at the job, in
the workspace's experiments; metrics that a step logs with MLflow itself are read from there.

A schedule, which has the pipeline's name, starts jobs of the same component as the same identity. `retrain --once`
adopts what it began (docs/retraining.md): it lists the schedule's jobs, and each says which component it runs. Such a
job finds the code where `run` uploaded it; before the first run of a new version, a step that `up` names uploads it.
""",
    "vertex": """\
`run` starts the template that `up` uploaded as a pipeline job, `PROJECT-ENVIRONMENT-RUN`, once for each run; where the
project is not what is registered it says which steps changed. First it uploads, as who is signed in, files of data to
`SOURCE/DIGEST/` in the bucket of data. What is there with the same digest stays, and a CSV file is shown as a managed
dataset that has the start of its digest as a label. The job acts as the service account of pipelines, in the stack's
network, and stops at the first step that fails. A step is taken from an earlier job where container and inputs are the
same, unless `--force`; a file of the config's own `uri` (`gs://…`) counts as new each time, as nothing says what it
holds. A table (`uri: bq://PROJECT.DATASET.TABLE`) is read as it was at its last change, by time travel, and written as
CSV, at most 1 GB, to `SOURCE/TABLE/TIME/` in the bucket of data: once for each change, so that an unchanged table is
the same data and the run says which it was. A view, or a table that is streamed into, tells of no change and is copied
for each run. `up` refuses a schedule of Vertex AI's own for a pipeline that reads a table. Reading one takes
roles/bigquery.jobUser on the project and roles/bigquery.dataViewer on the table's dataset. Each step asks for a machine
of its own: a quota that is too small shows in the job's error.

Logs are those of a step's custom jobs in Cloud Logging. What steps write lies below `runs/` in the bucket of artifacts,
until the lifecycle rule of the bucket takes it. Parameters, metrics and registered models are recorded in Vertex AI
Experiments, in the experiment `PROJECT-ENVIRONMENT-PIPELINE` with the pipeline job inside, and metrics are read from
there; a step has no MLflow server to log to.

A schedule starts jobs of the same template as the same service account, one at a time. `retrain --once` adopts what it
began (docs/retraining.md): the pipeline jobs of this name since the moment that name a schedule, whose label `version`
says of which definition they are.

Running needs groundplan's own Pipeline runner, or roles/aiplatform.user with roles/logging.viewer, on the project,
roles/iam.serviceAccountUser on the service account of pipelines, and roles/storage.objectViewer on the bucket of
artifacts; data of the project roles/storage.objectUser on the bucket of data.
""",
}
_LIVING = {
    "azureml": """\
Models are registered in the workspace of the first environment. A version's folder lies in the container that the
keyless datastore `artifacts` names, below `groundplan-models/MODEL/DIGEST/`; the version has the digest as a property,
which Azure lets nobody change, and stages and labels as tags. Where `registry.shared` is on, the version is copied into
the shared registry before an endpoint loads it. What promotions, rollouts and the audit log say are blobs below
`groundplan/` in the containers `artifacts`.

A version is deployed as `v-VERSION`, without traffic, with Azure ML's own server for models of MLflow, and waited for;
one that does not become healthy is taken away again, with the last lines of its container in the error, and the traffic
stays where it was. With `max_instances` above `min_instances` it scales by how busy its processors are. Shares and
copies are changed in one step. Azure ML compares nothing by itself, so the shares are read before and afterwards, and
those of somebody else are told (exit code 10). It copies at most half of the requests, to one version, and keeps no
caller with a version.

Metrics are Azure Monitor's of the endpoint, by whole minutes and some minutes late; the percentiles of a stretch are
the mean of its minutes', by how many requests each had. Predictions are asked with `input_data`; a bare list of answers
is passed on as `predictions`, and the answer's `x-request-id` as `request_id`.

A version logs the share `log_sample` of its requests and answers by Azure ML's data collector, as JSON lines below
`ENDPOINT/v-VERSION/request/` and `response/` in the container `requests`, by the hour; it keeps the share that it was
deployed with. Both halves of an exchange have its `request_id`. Of one of which only one half is there nothing can be
said: with a share below 1 there may be many, and reports say how many. What is above 4 MB is left out, too. A version
that was taken off is known as long as what it logged is there, a year.

A batch endpoint has a deployment for each version that `groundplan deploy` brought, the last of them the default one.
`predict` puts the rows as CSV below `batch/ENDPOINT/rows/DIGEST/` in the container `artifacts`, starts a job of the
version on record, waits for it, and reads its `predictions.csv`. The job's name follows from rows and version: the same
command goes on with a job that is there, and gives again what it predicted. Ctrl-C cancels it. `groundplan rollback
ENDPOINT --reason TEXT` makes the version before the default one again, and `status --live` shows what works there.

| to do this | ask for this |
|---|---|
| deploy, share requests, read logs | AzureML Data Scientist or groundplan's own MLOps Deployer on the workspace, and \
Managed Identity Operator on the identity of the endpoints |
| run pipelines | AzureML Data Scientist on the workspace, and Storage Blob Data Contributor on the storage account |
| register models | AzureML Data Scientist on the workspace |
| promote models | groundplan's own Model Promoter on the first environment's workspace |
| keep records | Storage Blob Data Contributor on the container `artifacts`; to read them, Storage Blob Data Reader |
| copy models into the shared registry | AzureML Registry User or groundplan's own Model Publisher on the registry |
| let a version scale | groundplan's own Endpoint Scaler, or Contributor, on the resource group |
| monitor, take labels, show logged requests | Storage Blob Data Reader on the container `requests`, beside records |
| have Azure ML's own monitors watch | AzureML Data Scientist or groundplan's own MLOps Deployer on the workspace, and \
Storage Blob Data Contributor on the container `artifacts`; to read what they found, Storage Blob Data Reader on the \
storage account |
| look at a rollout | Monitoring Reader or groundplan's own MLOps Deployer on the workspace |
| predict | groundplan's own Endpoint Invoker on the workspace |
""",
    "vertex": """\
Models are registered in the project of the first environment, below the id `PROJECT--MODEL` of the config's names. Each
version points at its folder in the bucket of artifacts, `artifacts/models/MODEL/DIGEST/`; beside it lie the list of its
files and the number of its version. Stages are version aliases. What promotions, rollouts and the audit log say are
objects below `groundplan/` in the buckets of artifacts.

Vertex AI has no container that loads what MLflow saves with skops, so an endpoint names its own:

```yaml
endpoints:
  churn: {image: europe-west4-docker.pkg.dev/acme-churn/churn-shared-images/serve:1}
```

Without it no model is registered. The container must do as Vertex AI asks of every custom one: read the folder from
`AIP_STORAGE_URI`, listen on `AIP_HTTP_PORT`, answer `AIP_HEALTH_ROUTE` with 200 once the model is loaded, and a POST of
`{"instances": [{…}, …]}` to `AIP_PREDICT_ROUTE` with `{"predictions": […]}`. A version keeps the image that it was
registered with.

A version is deployed as `MODEL-vVERSION`, without traffic, and waited for; one that does not come up is taken away
again, and the traffic stays where it was. Shares are changed in one step, and never over what somebody else changed
meanwhile (exit code 10). Vertex AI sends no copies of requests and keeps no caller with a version. Its metrics are up
to six minutes late.

An endpoint logs the share `log_sample` of its requests and answers into a table of its own in the dataset of requests.
No answer says how the log calls it, so `request_id` is a digest of the rows and of who answered: `v1-` and the first 32
hexadecimal digits of the SHA-256 of `{"deployed_model_id":ID,"instances":ROWS}`, as JSON with sorted keys, without
spaces, in ASCII, every number as a double (`41` is `41.0`). An application can make it of what it sent and of
`deployedModelId` in the answer. The same rows, asked again of the same version, have the same id, and a label of it
counts for each. The log knows a version by the number of its deployed model; before `deploy`, a rollout or `rollback`
takes one off, its number is put on record (`groundplan/taken-off/ENDPOINT.json`). What somebody else took off is not
known any more: its lines are left out and counted.

A batch endpoint is no resource: `groundplan deploy` puts on record which version works there, and `predict` starts a
batch prediction job of it, with the rows below `artifacts/batch/ENDPOINT/rows/` by their digest, waits for it and reads
what it left beside them. A label of the job follows from rows and version: the same command goes on with a job that is
there, and gives again what it predicted. Ctrl-C cancels it. `groundplan rollback ENDPOINT --reason TEXT` lets the
version before work again, and `status --live` shows what works. What Cloud Scheduler starts by the schedule
`endpoints.NAME.schedule` takes the default version of the registry.

Beside groundplan's own Deployer, which also reads metrics and logs, deploying needs roles/iam.serviceAccountUser on the
endpoint's service account, registering and records roles/storage.objectUser on the bucket; promoting needs the own
Model promoter where models are registered. Monitoring, labels and `logs --requests` need roles/bigquery.jobUser on the
project and roles/bigquery.dataViewer on the dataset of requests; each look reads the table's partitions of its days, or
the whole of it where Vertex AI made it without any. `CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE`, `_BIGQUERY`,
`_MONITORING` and `_LOGGING` name other addresses of these services.
""",
}
_NEEDS = """\
What the cloud is asked permission for. `team` in groundplan.yaml gives an ML engineer all of it in development and, but
for what runs pipelines at Azure ML or reads what its monitors found, brings data of the project to Google Cloud, or
writes to the registry of models that Azure ML shares, in staging; in production they look and predict, and CI does the
rest after an approval. CI of a later environment may also promote in the first one, where models are registered.
"""
_FEATURES = {
    "azureml": """\
`features.sets` become a feature store beside the workspace, with an offline store of its own; their versions are a step
after `up`. `groundplan features` reads the rows of a set's data source: a file of the project, or what its `uri` names
(`azureml://datastores/NAME/paths/…`, `azureml:ASSET:VERSION`, `https://` or `abfss://` of a storage account; a CSV
file, or a folder of them), which is fetched for one command. It neither runs the code of a FeatureSetSpec nor reads
what Azure ML materialized: a step does, by Azure's package azureml-featurestore, which needs Spark, as the identity of
pipelines.
""",
    "vertex": """\
`features.sets` become feature groups over BigQuery tables, and with `features.online` views in the online store
`PROJECT_ENVIRONMENT`, each called as its set, with underscores. `groundplan features retrieve` reads the table: the
rows of those entities that the observations name, until the last of their times. BigQuery bills the columns it reads of
the whole table, however few entities are named, so that all go into one question (of some hundred thousand). `features
get` reads the view, and with `--offline` the table. A view serves what it was filled with at `features.schedule`; each
feature's newest value that is not NULL, which is why `features` says the same of the rows. A set with a time has a view
only where it names its `features`; a private online store answers inside its network alone, over gRPC. A caller reads
the view by google-cloud-aiplatform, with roles/aiplatform.featurestoreDataViewer:

```python
from vertexai.resources.preview.feature_store import FeatureView

store = {"feature_online_store_id": "churn_prod", "project": "acme-churn", "location": "europe-west4"}
view = FeatureView("customer_profile", **store)
view.read(key=["4711"]).to_dict()
```
""",
}
_RIGHTS = """\
Who brings a stack up needs these, or others with the same permissions; `groundplan doctor --environment ENV` holds what
you may do against them, resource by resource of the plan. What has a star only the first `up` makes, and one that
changes it: CI is not given the right to.
"""
_TITLES = {"azureml": "Azure ML", "vertex": "Vertex AI"}


def pages() -> dict[str, str]:
    """The two pages."""
    return {name: _page(name.removesuffix(".md")) for name in NAMES}


@cache
def _page(platform: str) -> str:
    planned: dict[str, Sequence[Plan]] = {}
    rights: list[Permission] = []
    for kind in _SHOWN:
        planned[kind], needed = _plans(f"{platform}-{kind}")
        rights += needed
    every = [plan for group in planned.values() for plan in group]
    known = rules.of_platform(platform)
    types = sorted({one.type for plan in every for one in plan.made})
    parts = [
        f"# {_TITLES[platform]}",
        "",
        _INTRODUCTION.format(platform=platform),
        *_capabilities(planned),
        *_stateful(types, known, every),
        "## Models go before their endpoints",
        "",
        _UNDEPLOYING[platform],
        _AGAIN,
        *(["## Runs", "", _RUNNING[platform]] if platform in _RUNNING else ()),
        "## Models",
        "",
        _LIVING[platform],
        *_monitors(platform),
        "## Features",
        "",
        _FEATURES[platform],
        *_needs(platform),
        *_rights(rights),
        *_reserved(types, known),
        *_unsupported(every[0].unsupported, platform),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _plans(config: str) -> tuple[Sequence[Plan], Sequence[Permission]]:
    """The plans of the shared stack, the first and the last environment; and what they need."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(_CONFIGS / f"{config}.yaml", Path(folder) / "groundplan.yaml")
        configs = read_stacks(Path(folder))
        _, first, *others = configs
        made = plans(configs, list(dict.fromkeys([SHARED, first, others[-1] if others else first])))
        return made, [one for plan in made for one in of_plan(configs[plan.stack], plan).permissions]


def _capabilities(planned: Mapping[str, Sequence[Plan]]) -> Iterator[str]:
    """For each capability the types and in which of the configs they are made."""
    found: dict[str, dict[str, set[str]]] = {}
    for kind, group in planned.items():
        for plan in group:
            for one in plan.made:
                found.setdefault(_capability(one, plan), {}).setdefault(one.type, set()).add(kind)
    yield "## Resources"
    yield ""
    yield "| capability | resource type | made by |"
    yield "|---|---|---|"
    for capability, types in sorted(found.items()):
        for type, kinds in sorted(types.items()):
            yield f"| {capability} | `{type}` | {', '.join(kind for kind in _SHOWN if kind in kinds)} |"
    yield ""


def _capability(one: PlannedResource, plan: Plan) -> str:
    """The outermost component's class, in lower case."""
    by_urn = {other.urn: other for other in plan.resources}
    found = ""
    while one.parent in by_urn:
        one = by_urn[one.parent]
        found = one.type.rpartition(":")[2].lower() if one.component else found
    return found or "stack"


def _stateful(types: Sequence[str], known: Mapping[str, TypeRules], every: Sequence[Plan]) -> Iterator[str]:
    protected = {one.type for plan in every for one in plan.made if one.protect}
    yield "## What holds data"
    yield ""
    yield _DATA
    yield "| resource type | what would be lost | protected in production |"
    yield "|---|---|---|"
    for type in types:
        rule = known.get(type)
        if rule is not None and rule.stateful:
            yield f"| `{type}` | {rule.loses} | {'yes' if type in protected else 'no'} |"
    yield ""


def _monitors(platform: str) -> Iterator[str]:
    """What the file beside this one says of the cloud's own monitors."""
    yield "## The cloud's own monitors"
    yield ""
    yield Path(__file__).with_name(f"monitors-{platform}.md").read_text(encoding="utf-8")


def _needs(platform: str) -> Iterator[str]:
    """The adapters' own list of what they need; a test holds it against the roles."""
    needs: Sequence[Need] = importlib.import_module(f"groundplan.lifecycle.{platform}.needs").NEEDS
    yield "## Permissions"
    yield ""
    yield _NEEDS
    yield "| to do this | on | permissions |"
    yield "|---|---|---|"
    for need in needs:
        asked = ", ".join(f"`{one}`" for one in (*need.permissions, *need.data))
        yield f"| {need.work} | {need.on} | {asked} |"
    yield ""


def _rights(needed: Sequence[Permission]) -> Iterator[str]:
    """By role what it makes, from the permissions that doctor asks for."""
    found: dict[str, dict[str, bool]] = {}
    for one in needed:
        made = found.setdefault(one.role, {})
        made[one.purpose] = made.get(one.purpose, True) and one.rare
    yield "## Roles for up"
    yield ""
    yield _RIGHTS
    yield "| role | makes |"
    yield "|---|---|"
    for role, made in sorted(found.items()):
        yield f"| {role} | {', '.join(f'{one}*' if rare else one for one, rare in sorted(made.items()))} |"
    yield ""


def _reserved(types: Sequence[str], known: Mapping[str, TypeRules]) -> Iterator[str]:
    rows = [(type, known[type]) for type in types if type in known and known[type].soft_delete_days]
    if not rows:
        return
    yield "## Names that stay reserved after a deletion"
    yield ""
    yield "| resource type | days | how to free the name |"
    yield "|---|---|---|"
    for type, rule in rows:
        yield f"| `{type}` | {rule.soft_delete_days} | {f'`{rule.purge}`' if rule.purge else 'it cannot be freed'} |"
    yield ""


def _unsupported(lacking: Mapping[str, str], platform: str) -> Iterator[str]:
    yield "## What is not there"
    yield ""
    yield f"{_TITLES[platform]} has every capability; of these, what follows is missing, and plans say so too."
    yield ""
    for name, reason in sorted(lacking.items()):
        yield f"- {name}: {reason}"
