"""A config as a plain Pulumi project: what `pulumi up` needs when groundplan's command is not there."""
