#!/usr/bin/env bash
# Plans offline and writes $OUT/comment.md: what changes against the checkout in $BASE, or everything when that has
# no plan. $FROM_A_FORK adds a notice.
set -euo pipefail

export PATH="$PWD/infra/venv/bin:$PATH"
mkdir -p "$OUT"
if [ -f "$BASE/groundplan.yaml" ] && groundplan plan -C "$BASE" --all --out "$OUT/base.json" > "$OUT/base.txt"; then
  groundplan plan --all --against "$OUT/base.json" --format markdown > "$OUT/plan.md"
else
  groundplan plan --all --format markdown > "$OUT/plan.md"
fi
{
  echo '<!-- groundplan-plan -->'
  if [ "$FROM_A_FORK" = true ]; then
    echo '> This pull request comes from a fork: it is planned offline, without secrets and credentials.'
    echo
  fi
  cat "$OUT/plan.md"
} > "$OUT/comment.md"
cat "$OUT/comment.md" >> "$GITHUB_STEP_SUMMARY"
