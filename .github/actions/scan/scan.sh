#!/usr/bin/env bash
# Runs one scanner and leaves its report as SARIF in a folder of its own.
#
# A scanner finds nothing where it looked at nothing, and SARIF does not tell the two apart. So each scanner first says in its own
# format what it looked at, and there is no report where that is nothing: no report is a hold.
set -euo pipefail
: "${SCANNER:?}" "${FOLDER:?}" "${IMAGE=}" "${RENDER_COMMAND=}" "${CODE_RULES=}" "${POLICIES=}" "${SBOM_FORMAT=}"

# 0.74.0 and 1.178.0. By digest, so that whoever moves a tag does not run here.
readonly TRIVY=ghcr.io/aquasecurity/trivy@sha256:62b1e65e8869bc4b4c6aa4fa2b21595256c7c2f6018a9d9ad61caf87187c1969
readonly SEMGREP=semgrep/semgrep@sha256:32e459968daabe7ab86968184a29109b9564aa00392401156f9788452b42786b

work=$(mktemp -d "${RUNNER_TEMP:-/tmp}/scan.XXXXXX")
readonly work reports="$work/reports" input="$work/input"
mkdir "$reports" "$input"

fail() {
  echo "::error title=No report of $SCANNER::$1"
  exit 1
}

# The scanner on the PATH, else its container. That sees the checkout, which it cannot change, and this scan's folder: neither the
# runner's processes and credentials, nor the daemon.
run() {
  local program=$1 image=$2
  shift 2
  if type -P "$program" >/dev/null; then
    "$program" "$@"
  else
    docker run --rm --user "$(id -u):$(id -g)" --cap-drop ALL --security-opt no-new-privileges \
      --volume "$PWD:$PWD:ro" --volume "$GITHUB_ACTION_PATH:$GITHUB_ACTION_PATH:ro" --volume "$work:$work" --workdir "$PWD" \
      --env HOME="$work" --env TRIVY_USERNAME --env TRIVY_PASSWORD --entrypoint "$program" "$image" "$@"
  fi
}

# What is accepted stands in the gate's list, where it has a last day; so Trivy reads no list and no settings of the repository.
find_with_trivy() {
  local command=$1
  shift
  run trivy "$TRIVY" "$command" --config "$work/no-settings.yaml" --ignorefile "$work/nothing-ignored" --quiet --format json --output "$work/found.json" "$@"
}

# Fails unless a condition of jq holds for what the scanner found. Slurped, for jq takes an empty file for no failure.
require() {
  jq --slurp --exit-status "length == 1 and (.[0] | $1)" "$work/found.json" >/dev/null || fail "$2"
}

# Makes the report of what Trivy found, if a condition says that it looked at something.
report() {
  require "$1" "$2"
  run trivy "$TRIVY" convert --config "$work/no-settings.yaml" --ignorefile "$work/nothing-ignored" --quiet --format sarif --output "$reports/$SCANNER.sarif" "$work/found.json"
}

# Trivy names files relative to the folder, code scanning relative to the repository.
name_files_from_root() {
  local found
  found=$(jq --arg folder "${FOLDER%/}/" 'if $folder == "./" then . else .Results[]?.Target |= $folder + . end' "$work/found.json")
  printf '%s\n' "$found" >"$work/found.json"
}

touch "$work/nothing-ignored" "$work/no-settings.yaml"
# Trivy takes a user without a password for an error.
[[ -n "${TRIVY_PASSWORD:-}" ]] || unset TRIVY_USERNAME TRIVY_PASSWORD
case "$SCANNER" in
  secrets)
    find_with_trivy fs --scanners secret "$FOLDER"
    name_files_from_root
    report '.ArtifactType != null' 'Trivy left nothing that is a report.'
    ;;
  dependencies)
    find_with_trivy fs --scanners vuln --list-all-pkgs "$FOLDER"
    name_files_from_root
    report '[.Results[]?.Packages[]?] | length > 0' "Trivy found no lock file that it knows in \`$FOLDER\`. Add one, or take \`dependencies\` out of \`thresholds\`."
    ;;
  image)
    find_with_trivy image --image-src remote --scanners vuln,secret --list-all-pkgs "$IMAGE"
    report '[.Results[]?.Packages[]?] | length > 0' "Trivy found no package that it knows in \`$IMAGE\`."
    case "$SBOM_FORMAT" in
      cyclonedx) bill=sbom.cdx.json ;;
      spdx-json) bill=sbom.spdx.json ;;
      *) fail "\`sbom-format\` is \`$SBOM_FORMAT\`, and neither \`cyclonedx\` nor \`spdx-json\`." ;;
    esac
    run trivy "$TRIVY" convert --config "$work/no-settings.yaml" --ignorefile "$work/nothing-ignored" --quiet --format "$SBOM_FORMAT" --output "$reports/$bill" "$work/found.json"
    ;;
  manifests)
    bash -euo pipefail -c "$RENDER_COMMAND" >"$input/manifests.yaml"
    policies=(--config-check "$GITHUB_ACTION_PATH/policies")
    [[ -z "$POLICIES" ]] || policies+=(--config-check "$POLICIES")
    find_with_trivy config --skip-check-update "${policies[@]}" --check-namespaces user "$input"
    # Trivy's own checks pass over kinds that it does not know, such as Argo's Rollout; only those of packages `user` count.
    found=$(jq '.Results[]?.Misconfigurations |= [.[]? | select(.Namespace | startswith("user."))]' "$work/found.json")
    printf '%s\n' "$found" >"$work/found.json"
    report '[.Results[]? | select(.Type == "kubernetes") | .MisconfSummary | .Successes + .Failures] | add > 0' \
      "Trivy could read nothing of what \`render-command\` printed as manifests of Kubernetes."
    ;;
  code)
    rules=()
    while read -r rule; do
      [[ -z "$rule" ]] || rules+=(--config "$rule")
    done <<<"$CODE_RULES"
    run semgrep "$SEMGREP" scan "${rules[@]}" --metrics off --disable-version-check --disable-nosem --quiet \
      --json-output "$work/found.json" --sarif-output "$work/found.sarif" "$FOLDER"
    require '.paths.scanned | length > 0' "Semgrep has no rule for any file in \`$FOLDER\`."
    cp "$work/found.sarif" "$reports/$SCANNER.sarif"
    ;;
  *) fail "\`$SCANNER\` is no scanner." ;;
esac
echo "reports=$reports" >>"$GITHUB_OUTPUT"
