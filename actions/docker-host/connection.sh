# shellcheck shell=sh
# shellcheck disable=SC2154 # The options come before this.
# The connection to the host: pinned, with one key, shared by all commands.

# Writes the settings and opens the connection. SSH_KEY is the private key, SSH_KNOWN_HOSTS the host's lines of known_hosts.
connect() {
  is_word "$host" '*[!A-Za-z0-9.:-]*' || refuse host "$host" "a host name or an address"
  is_word "$user" '*[!A-Za-z0-9_.-]*' || refuse user "$user" "a user of the host"
  check_settings
  case ${SSH_KNOWN_HOSTS:-} in
    *[![:space:]]*) ;;
    *) fail "the host's key is not known, so nothing is deployed: give the lines of known_hosts, as \`ssh-keyscan\` shows them, once they are compared with the host's own" ;;
  esac
  [ -n "${SSH_KEY:-}" ] || fail "there is no private key: give one in SSH_KEY"
  mkdir -p -- "$directory"
  chmod 700 -- "$directory"
  directory=$(CDPATH='' cd -- "$directory" && pwd)
  close
  case $directory in
    *[!A-Za-z0-9._/+-]*) fail "\`$directory\` has characters that ssh's settings do not take" ;;
  esac
  (
    umask 077
    printf '%s\n' "$SSH_KEY" >"$directory/key"
    printf '%s\n' "$SSH_KNOWN_HOSTS" >"$directory/known_hosts"
    ssh_settings >"$directory/ssh_config"
    : >"$directory/settings"
    for setting in $KEPT; do
      eval "value=\$$setting"
      printf '%s=%s\n' "$setting" "$(quoted "$value")" >>"$directory/settings"
    done
  )
  unset SSH_KEY
  {
    printf '#!/bin/sh\nexec sh %s "$@" --directory %s\n' "$(quoted "$here/docker-host.sh")" "$(quoted "$directory")"
  } >"$directory/docker-host"
  chmod 700 "$directory/docker-host"
  on_host greet >&2 || {
    close
    exit 1
  }
  printf 'command=%s\nssh=ssh -F %s docker-host\n' "$directory/docker-host" "$directory/ssh_config"
}

# Makes what a container answers on the host's own address answer here, and prints that address.
forward() {
  is_connected
  is_number "$port" 65535 || refuse port "$port" "the container's port on the host"
  here_port=20000
  while [ "$here_port" -lt 20100 ]; do
    if ssh -F "$directory/ssh_config" -O forward -L "127.0.0.1:$here_port:127.0.0.1:$port" docker-host 2>/dev/null; then
      printf 'address=http://127.0.0.1:%s\n' "$here_port"
      return
    fi
    here_port=$((here_port + 1))
  done
  fail "no port from 20000 to 20099 is free here"
}

ssh_settings() {
  # Sockets have short paths.
  sockets=$(mktemp -d "${TMPDIR:-/tmp}/dh-XXXXXX")
  cat <<SETTINGS
Host docker-host
  HostName $host
  Port $port
  User $user
  IdentityFile $directory/key
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile $directory/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  UpdateHostKeys no
  BatchMode yes
  PreferredAuthentications publickey
  ForwardAgent no
  ForwardX11 no
  PermitLocalCommand no
  ConnectTimeout 15
  ServerAliveInterval 10
  ServerAliveCountMax 3
  ControlMaster auto
  ControlPath $sockets/%C
  ControlPersist 3600
  LogLevel ERROR
SETTINGS
}

# A text as one word of a shell.
quoted() {
  printf "'"
  printf '%s' "$1" | sed "s/'/'\\\\''/g"
  printf "'"
}

# Runs a command of `host/` there, with the settings and, where they are set, the image and the digests to keep.
on_host() {
  is_connected
  {
    echo '{'
    cat "$directory/settings"
    for setting in name digest layers kept_digests; do
      eval "value=\${$setting:-}"
      printf '%s=%s\n' "$setting" "$(quoted "$value")"
    done
    printf 'weight=%s\n' "$(quoted "${SLIPWAY_WEIGHT:-100}")"
    proxy=$(sed -n "/^proxy='/{s/^proxy='\([a-z]*\)'\$/\1/p;q;}" "$directory/settings")
    cat "$here"/host/*.sh "$here/host/proxies/$proxy.sh"
    printf '%s\n} </dev/null\n' "$1"
  } | ssh -F "$directory/ssh_config" -T docker-host sh -s
}

is_connected() {
  [ -f "$directory/ssh_config" ] || fail "\`$directory\` holds no connection: run \`connect\` first"
}

# Ends the connection, if there is one, and removes what it needed.
close() {
  [ ! -f "$directory/ssh_config" ] || ssh -F "$directory/ssh_config" -O exit docker-host 2>/dev/null || true
  sockets=$(sed -n 's|^  ControlPath \(.*/dh-[A-Za-z0-9]*\)/%C$|\1|p' "$directory/ssh_config" 2>/dev/null || true)
  [ -z "$sockets" ] || rm -rf -- "$sockets"
  for file in key known_hosts ssh_config settings docker-host; do
    rm -f -- "$directory/$file"
  done
}
