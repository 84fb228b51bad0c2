# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# On the host: the containers of the component, which Docker's labels tell apart.
set -eu
PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin
LC_ALL=C
export PATH LC_ALL

say() {
  printf 'docker-host: %s\n' "$1"
}

fail() {
  printf 'docker-host: %s\n' "$1" >&2
  exit 1
}

greet() {
  docker version --format 'docker-host: Docker {{.Server.Version}}' || fail "the user cannot speak to Docker on the host"
}

# The containers of the component that run, newest first; more filters narrow it.
running() {
  docker ps --no-trunc --filter "label=slipway.component=$component" --format '{{.Names}}' "$@"
}

label() {
  docker container inspect --format "{{index .Config.Labels \"slipway.$2\"}}" "$1"
}

# The name of the container of an image with the options that are set: others make another one.
container_name() {
  sum=$(printf '%s\n%s\n%s\n' "$digest" "$container_port" "$run_options" | sha256sum | cut -c 1-12)
  printf '%s-%s' "$component" "$sum"
}

# Whether a container does its work: running, by its own health check, and where there is a path by an answer.
is_healthy() {
  state=$(docker container inspect --format '{{.State.Status}} {{if .State.Health}}{{.State.Health.Status}}{{end}}' "$1")
  case $state in
    'running healthy') [ -z "$health_path" ] || answers "$1" ;;
    'running ') [ -n "$health_path" ] && answers "$1" ;;
    *) false ;;
  esac
}

answers() {
  address="http://127.0.0.1:$(label "$1" port)$health_path"
  if command -v curl >/dev/null; then
    curl --fail --silent --max-time 5 --output /dev/null "$address"
  else
    wget -q -T 5 -O /dev/null "$address"
  fi
}

# Waits until a container is healthy; false with the end of its log if it does not become so.
wait_until_healthy() {
  until=$(($(date +%s) + health_seconds))
  until is_healthy "$1"; do
    ended=$(docker container inspect --format '{{.State.Status}} {{.RestartCount}}' "$1")
    case $ended in
      'exited '* | 'dead '* | *' '[3-9] | *' '[1-9][0-9]*) break ;;
    esac
    [ "$(date +%s)" -lt "$until" ] || break
    sleep 0.3
  done
  is_healthy "$1" && return
  docker container logs --tail 50 "$1" >&2 || true
  return 1
}

# Ends a container: waits until nobody is connected to it, at most as long as the settings say, then SIGTERM.
drain() {
  until=$(($(date +%s) + drain_seconds))
  while is_connected_to "$(label "$1" port)" && [ "$(date +%s)" -lt "$until" ]; do
    sleep 0.5
  done
  docker container stop --time "$stop_seconds" "$1" >/dev/null
  say "$1 has ended; its image and its log are kept"
}

# Whether anybody on the host is connected to a port of 127.0.0.1, twice in half a second: the proxy opens one for each request.
is_connected_to() {
  [ -r /proc/net/tcp ] || return 0
  connections "$1" && return
  sleep 0.5
  connections "$1"
}

connections() {
  awk -v port="$(printf '%04X' "$1")" '$3 == "0100007F:" port && $4 == "01" { found = 1 } END { exit !found }' /proc/net/tcp
}
