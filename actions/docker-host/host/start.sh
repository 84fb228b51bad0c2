# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# On the host: a container beside those that run.

# Starts the image, unless it runs, and prints the container's name and port once it is healthy.
start() {
  ensure_running >&2
  printf 'container=%s\nport=%s\n' "$container" "$(label "$container" port)"
}

# Sets `container`, which is healthy then.
ensure_running() {
  container=$(container_name)
  if [ -z "$(running --filter "name=^$container\$")" ]; then
    id=$(image_id "$digest") || fail "the host has no image sha256:$digest: transfer it first"
    [ -n "$health_path" ] || docker image inspect --format '{{.Config.Healthcheck}}' "$id" | grep -q CMD ||
      fail "nothing would tell whether it is healthy: give a health path, or the image a HEALTHCHECK"
    choose_port
    docker container rm --force "$container" >/dev/null 2>&1 || true
    run_container || {
      docker container rm --force "$container" >/dev/null 2>&1 || true
      fail "the container did not start"
    }
    say "$container runs on 127.0.0.1:$chosen"
  fi
  wait_until_healthy "$container" || {
    [ "$(in_service)" = "$container" ] || docker container stop --time "$stop_seconds" "$container" >/dev/null
    fail "$container is not healthy after at most $health_seconds s, and gets no users"
  }
}

# Sets `chosen` to a port that no container of the component has; for that, one without users is ended.
choose_port() {
  spare=''
  current=$(in_service)
  for chosen in $ports; do
    holder=$(running --filter "label=slipway.port=$chosen")
    [ -n "$holder" ] || return 0
    [ "$holder" = "$current" ] || spare=$chosen
  done
  [ -n "$current" ] || fail "all ports are taken, and $proxy_file does not say who has the users: end a container by hand"
  [ -n "$spare" ] || fail "all ports are taken: give another one"
  chosen=$spare
  drain "$(running --filter "label=slipway.port=$chosen")"
}

run_container() {
  set -- --detach --name "$container" --restart unless-stopped --publish "127.0.0.1:$chosen:$container_port"
  set -- "$@" --label "slipway.component=$component" --label "slipway.image=$digest" --label "slipway.port=$chosen"
  while IFS= read -r option; do
    [ -z "$option" ] || set -- "$@" "$option"
  done <<LINES
$run_options
LINES
  docker container run "$@" "$id" >/dev/null
}
