#!/usr/bin/env bash
# Prints what was deployed, and what became of it, as Markdown.
set -euo pipefail
printf '### ECS: %s %s in %s\n\n' "$COMPONENT" "$VERSION" "$ENVIRONMENT"
printf '| | |\n| :-- | :-- |\n'
# The reason may quote what a service said.
why=${REASON//|/\\|}
printf '| Verdict | **%s** %s |\n' "${VERDICT:-none}" "${why//$'\n'/ }"
# shellcheck disable=SC2016 # Markdown
printf '| Image | `%s@%s` |\n' "$IMAGE" "$DIGEST"
# shellcheck disable=SC2016 # Markdown
printf '| Service | `%s`, task definition `%s` |\n' "${SERVICE:-none}" "${REVISION##*/}"
printf '| Config commit | [%.8s](%s/commit/%s) |\n' "$COMMIT" "$REPOSITORY_URL" "$COMMIT"
if [[ -n "$RECORD" ]]; then
  printf '| Record | [%.8s](%s/commit/%s) |\n' "$RECORD" "$REPOSITORY_URL" "$RECORD"
fi
