"""The clouds' data planes over HTTP on the loopback, for the SDKs' real clients; they share a store with the providers.

Each request is decoded by the cloud's published description and refused where that does not know it. What they cannot
prove: how long a real operation takes, in which words a real service refuses, who may do what.
"""

from .azureml import AzureMLService
from .http import Strike
from .vertex import VertexService

__all__ = ["AzureMLService", "Strike", "VertexService"]
