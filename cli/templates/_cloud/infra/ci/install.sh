#!/usr/bin/env bash
# Installs what $LOCK names, infra/requirements.lock by default, into infra/venv, each file by its hash.
set -euo pipefail

lock="${LOCK:-infra/requirements.lock}"
if [ ! -f "$lock" ]; then
  echo "::error::$lock is missing; infra/README.md says how it is made"
  exit 1
fi
if [ -d infra/wheels ]; then
  export UV_FIND_LINKS=infra/wheels
fi
uv venv --seed --python 3.12 infra/venv
uv pip install --python infra/venv --require-hashes --requirement "$lock"
