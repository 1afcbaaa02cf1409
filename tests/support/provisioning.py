"""A platform for a test's own project, copied from the one that the suite made once."""

from __future__ import annotations

import shutil
from pathlib import Path

from groundplan.core.layout import Layout
from groundplan.modules.local import platform


def copy(provisioned: Path, root: Path, *, project: str) -> Layout:
    """Give the project in ``root`` a platform of its own."""
    layout = Layout(root)
    shutil.copytree(Layout(provisioned).state, layout.state)
    platform.provision(layout, project=project)
    return layout
