"""What the whole suite shares: the switch that rewrites golden plans, and a platform provisioned once."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import filelock
import pytest
from groundplan.core.layout import Layout
from groundplan.modules.local import platform
from hypothesis import settings

settings.register_profile("groundplan", deadline=None)
settings.load_profile("groundplan")

ENGINE = Path(__file__).parents[1] / ".tools" / "engine" / "bin"
"""Where ``make engine`` puts the engine when none that fits is on the PATH."""


def pytest_configure() -> None:
    """Let every process that a test starts find the engine, and be interrupted as in a terminal.

    A shell starts what it puts into the background with Ctrl-C ignored, and whatever that starts inherits it. A test of
    Pulumi leaves gRPC's threads behind, and gRPC would start them again in every process that is forked from here, such
    as one in a pseudo-terminal: now and then that ends it before its program has begun.
    """
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if str(ENGINE) not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), str(ENGINE)])


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden plans be rewritten."""
    parser.addoption("--update-plans", action="store_true", help="rewrite the golden plans of tests/stacks/goldens")


@pytest.fixture(scope="session")
def provisioned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that the real code provisioned; tests copy it (``provisioning.copy``) and change nothing in it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    root = folder / "provisioned"
    with filelock.FileLock(folder / "provisioned.lock"):
        if not platform.is_provisioned(Layout(root)):
            platform.provision(Layout(root), project="template")
    return root
