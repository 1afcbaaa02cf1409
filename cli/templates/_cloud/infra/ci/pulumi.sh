#!/usr/bin/env bash
# Runs pulumi's $COMMAND, preview or up, on $STACK.
set -euo pipefail

if grep -q 'url: "file:' infra/Pulumi.yaml; then
  echo '::error::The state is kept in a folder of one machine: set state.backend in groundplan.yaml; see infra/README.md'
  exit 1
fi
if ! grep -q '^encryptedkey:' "infra/Pulumi.$STACK.yaml"; then
  echo '::error::This stack has no key yet: make it once by hand and commit its file; see infra/README.md'
  exit 1
fi
export PATH="$PWD/infra/venv/bin:$PATH"
case "$COMMAND" in
  preview) pulumi --cwd infra --non-interactive preview --diff --stack "$STACK" ;;
  up) pulumi --cwd infra --non-interactive up --yes --suppress-outputs --stack "$STACK" ;;
  *)
    echo '::error::The command is neither preview nor up'
    exit 1
    ;;
esac
