# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# On the host: who gets the users. The file that the proxy reads says so, and what got them before.

# The container that gets the users; empty if there is none.
in_service() {
  written 'in service'
}

written() {
  [ ! -f "$proxy_file" ] || sed -n "s/^# $1: \([a-z0-9._-]*\)\$/\1/p" "$proxy_file"
}

# Sends all users to the image, or with the weight 0 back to what they had before it.
switch() {
  current=$(in_service)
  case $weight in
    100)
      ensure_running
      [ "$current" != "$container" ] || {
        say "$container has the users already"
        return
      }
      point_to "$container" "$current"
      ;;
    0) go_back ;;
    *) fail "a single host knows all users or none, not $weight %" ;;
  esac
}

go_back() {
  if [ -z "$current" ] || [ "$(label "$current" image)" != "$digest" ]; then
    say "sha256:$digest has no users"
    return
  fi
  before=$(written before)
  if [ -z "$before" ]; then
    say "nothing had the users before $current, so they stay"
    return
  fi
  if [ -z "$(running --filter "name=^$before\$")" ]; then
    docker container start "$before" >/dev/null || fail "$before, which had the users before, does not start again"
  fi
  wait_until_healthy "$before" || fail "$before, which had the users before, is not healthy"
  point_to "$before" ''
}

# Writes the proxy's file and has it read. What the proxy does not take is taken back.
point_to() {
  target_port=$(label "$1" port)
  written=$(mktemp "$proxy_file.XXXXXX")
  {
    printf '# Written by docker-host; do not change it.\n# in service: %s\n# before: %s\n' "$1" "$2"
    proxy_text "$target_port"
  } >"$written"
  chmod 644 "$written"
  [ ! -f "$proxy_file" ] || cp -p "$proxy_file" "$proxy_file~"
  mv "$written" "$proxy_file"
  if ! user_command check "$check_command" >&2; then
    put_back
    fail "the proxy does not take the change, so the users stay where they are"
  fi
  if ! user_command reload "$reload_command" >&2; then
    # Else the file would name a container that has no users, and the next run would take it at its word.
    put_back
    fail "the proxy was not reloaded, so the users stay where they are; its file is as it was"
  fi
  rm -f "$proxy_file~"
  # A proxy reads its files after the command has ended.
  sleep 1
  say "the users get $1"
}

put_back() {
  if [ -f "$proxy_file~" ]; then mv "$proxy_file~" "$proxy_file"; else rm -f "$proxy_file"; fi
}

# Runs the command that the settings name, or the proxy's usual one.
user_command() {
  if [ -n "$2" ]; then sh -c "$2"; else "proxy_$1"; fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
