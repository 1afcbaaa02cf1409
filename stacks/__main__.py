"""What plain `pulumi up` runs in this folder: the selected stack of the config that ``groundplan:folder`` names."""

from __future__ import annotations

import pulumi
from groundplan.stacks.program import main

if __name__ == "__main__":
    main(pulumi.Config("groundplan").require("folder"))
