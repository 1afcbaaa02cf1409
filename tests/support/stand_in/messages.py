"""Refusals in the clouds' own words, as their users reported them."""

AZURE_THROTTLED = (
    'Status=429 Code="TooManyRequests" Message="The request is being throttled as the limit has been reached '
    "for operation type - Write_ObservationWindow_00:01:00. For more information, see - "
    'https://aka.ms/srpthrottlinglimits. Retry after 17 seconds"'
)
GOOGLE_THROTTLED = (
    "googleapi: Error 429: Quota exceeded for quota metric 'Resource management (CRUD) requests' and limit "
    "'Resource management (CRUD) requests per minute per region' of service 'aiplatform.googleapis.com' for consumer "
    "'project_number:123456789012'., rateLimitExceeded"
)
AZURE_QUOTA = (
    'Status=400 Code="ClusterCoreQuotaReached" Message="Operation results in exceeding quota limits of resource type '
    "MachineLearningServices.dedicatedCores. Requested family: standardNCASv3_T4Family, region: westeurope. Maximum "
    'allowed: 0, Current in use: 0, Additional requested: 8."'
)
GOOGLE_QUOTA = (
    "googleapi: Error 429: The following quota metrics exceed quota limits: "
    "aiplatform.googleapis.com/custom_model_serving_nvidia_t4_gpus, RESOURCE_EXHAUSTED"
)
AZURE_SOFT_DELETED_WORKSPACE = (
    'Status=400 Code="BadRequest" Message="Soft-deleted workspace exists. Please purge or recover it. '
    'https://aka.ms/wsoftdelete"'
)
AZURE_SOFT_DELETED_VAULT = (
    'Status=409 Code="ConflictError" Message="A vault with the same name already exists in deleted state. You need to '
    "either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for "
    'more information on soft delete."'
)
AZURE_PRINCIPAL_NOT_FOUND = (
    'Status=400 Code="PrincipalNotFound" Message="Principal 2b6a6f0e8f3c4d0d9d0e5f7c1a2b3c4d does not exist in the '
    "directory 6f1c2f0e-0000-4000-8000-000000000000. Check that you have the correct principal ID. If you are creating "
    "this principal and then immediately assigning a role, this error might be related to a replication delay. In this "
    'case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group."'
)
AZURE_FORBIDDEN = (
    'Status=403 Code="AuthorizationFailed" Message="The client \'ci@example.com\' with object id '
    "'00000000-0000-4000-8000-000000000001' does not have authorization to perform action "
    "'Microsoft.MachineLearningServices/workspaces/write' over scope '/subscriptions/00000000-0000-4000-8000-"
    "000000000000/resourceGroups/rg-demo-dev' or the scope is invalid. If access was recently granted, please refresh "
    'your credentials."'
)
AZURE_POLICY = (
    'Status=403 Code="RequestDisallowedByPolicy" Message="Resource \'stdemodev\' was disallowed by policy. '
    'Policy identifiers: \'[{\\"policyAssignment\\":{\\"name\\":\\"Storage should be private\\"}}]\'."'
)
GOOGLE_FORBIDDEN = (
    "googleapi: Error 403: Permission 'aiplatform.endpoints.create' denied on resource "
    "'//aiplatform.googleapis.com/projects/demo-dev/locations/europe-west4' (or it may not exist)., forbidden"
)
GOOGLE_API_DISABLED = (
    "googleapi: Error 403: Vertex AI API has not been used in project demo-dev before or it is disabled. Enable it by "
    "visiting https://console.developers.google.com/apis/api/aiplatform.googleapis.com/overview?project=demo-dev then "
    "retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and "
    "retry., accessNotConfigured"
)
GOOGLE_MODELS_DEPLOYED = (
    "googleapi: Error 400: Endpoint {id} has deployed or being-deployed DeployedModel(s): {ids}. "
    "Undeploy them before deleting the endpoint., FAILED_PRECONDITION"
)
GOOGLE_POOL_IN_USE = (
    "googleapi: Error 400: The DeploymentResourcePool {id} is still used by DeployedModels. Undeploy them before "
    "deleting it., FAILED_PRECONDITION"
)
AZURE_HAS_TRAFFIC = (
    'Status=400 Code="BadRequest" Message="Deployment {name} receives {share} percent of the traffic of its endpoint. '
    'Set its traffic to 0 before deleting it."'
)
AZURE_HAS_DEPLOYMENTS = (
    'Status=409 Code="Conflict" Message="Endpoint {name} still has deployments: {names}. Delete them first."'
)
AZURE_AT_WORK = "There is already an operation under way for this endpoint. Try again when it has ended."
TAKEN = {
    "containerregistry:Registry": 'Status=409 Code="AlreadyInUse" Message="The registry DNS name {name}.azurecr.io '
    'is already in use. You can check if the name is already claimed using following API"',
    "keyvault:Vault": 'Status=409 Code="VaultAlreadyExists" Message="The vault name \'{name}\' is already in use. '
    'Vault names are globally unique so it is possible that the name is already taken."',
    "storage:StorageAccount": 'Status=409 Code="StorageAccountAlreadyTaken" Message="The storage account named {name} '
    'is already taken."',
    "machinelearningservices": 'Status=409 Code="Conflict" Message="The name \'{name}\' is already in use in this '
    'region. Choose another name."',
}
"""What Azure says of a name that somebody else has."""

UNAVAILABLE = "connection reset by peer: the service did not answer"
AZURE_IS_ENABLED = 'Status=400 Code="UserError" Message="A schedule must be disabled to be deleted."'
"""Of https://learn.microsoft.com/azure/machine-learning/how-to-schedule-pipeline-job."""
