# shellcheck shell=bash
# Task definitions: read from git, registered with ECS.

# The task definition as it stands at a commit, without what ECS adds when it describes one. A commit that the checkout
# lacks is fetched into a repository of its own: a shallow fetch into the checkout would cut its history off.
task_definition() {
  local commit=$1 repository=. scratch='' url file
  if ! git cat-file -e "$commit^{commit}" 2>/dev/null; then
    url=$(git remote get-url origin) || fail 3 "the checkout has no remote \`origin\`"
    scratch=$(mktemp -d)
    repository=$scratch
    git init --quiet --bare "$scratch"
    (
      if [[ -n "${ECS_TOKEN:-}" ]]; then
        export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$url.extraHeader" GIT_CONFIG_VALUE_0
        GIT_CONFIG_VALUE_0="Authorization: Basic $(printf 'x-access-token:%s' "$ECS_TOKEN" | base64 | tr -d '\n')"
      fi
      GIT_TERMINAL_PROMPT=0 git -C "$scratch" fetch --quiet --no-tags --depth=1 --end-of-options "$url" "$commit"
    ) || { rm -rf "$scratch"; fail 3 "the commit $commit cannot be fetched from \`origin\`"; }
  fi
  file=$(git -C "$repository" show --end-of-options "$commit:$ECS_TASK_DEFINITION" 2>/dev/null) || file=''
  version=$(git -C "$repository" log -1 --format='%(trailers:key=Release-Version,valueonly)' --end-of-options "$commit")
  if [[ -n "$scratch" ]]; then rm -rf "$scratch"; fi
  [[ -n "$file" ]] || fail 2 "there is no \`$ECS_TASK_DEFINITION\` at $commit"
  definition=$(jq --sort-keys --exit-status '
    if has("taskDefinition") then .taskDefinition + {tags: (.tags // [])} else . end
    | del(.taskDefinitionArn, .revision, .status, .requiresAttributes, .compatibilities)
    | del(.registeredAt, .registeredBy, .deregisteredAt)' <<<"$file" 2>/dev/null) ||
    fail 2 "\`$ECS_TASK_DEFINITION\` at $commit is not the JSON of a task definition"
  family=$(jq --raw-output '.family // ""' <<<"$definition")
  [[ "$family" =~ ^[A-Za-z0-9_][A-Za-z0-9_-]{0,254}$ ]] || fail 2 "\`$ECS_TASK_DEFINITION\` at $commit names no \`family\`"
  content=$(jq --compact-output 'del(.tags)' <<<"$definition" | git hash-object --stdin)
}

# content_of REVISION: the tag that says what it was registered from.
content_of() {
  local described
  described=$(ask ecs describe-task-definition --task-definition "$1" --include TAGS)
  jq --raw-output '[(.tags // [])[] | select(.key == "slipway-content").value][0] // ""' <<<"$described"
}

# Sets `revision` to the ARN of the revision with this content: the one that ran before, if it is there, else a new one.
register() {
  local arns arn found tags registered
  arns=$(ask ecs list-task-definitions --family-prefix "$family" --status ACTIVE --sort DESC --max-items 10)
  for arn in $(jq --raw-output '.taskDefinitionArns[]' <<<"$arns"); do
    found=$(content_of "$arn")
    if [[ "$found" == "$content" ]]; then
      revision=$arn
      return
    fi
  done
  tags=$(jq --null-input --arg content "$content" --arg commit "$1" --arg version "$version" '
    {"slipway-content": $content, "slipway-commit": $commit, "slipway-version": $version}
    | to_entries | map(select(.value != ""))')
  tags=$(jq --argjson tags "$tags" '
    .tags = [(.tags // [])[] | select(.key | startswith("slipway-") | not)] + $tags' <<<"$definition")
  registered=$(ask ecs register-task-definition --cli-input-json "$tags")
  # shellcheck disable=SC2034 # the scripts use it
  revision=$(jq --raw-output .taskDefinition.taskDefinitionArn <<<"$registered")
}
