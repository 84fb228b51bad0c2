# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # The other files read what is set here, and set `here`.
# What options may say. `connect` keeps the settings, one file each, for the commands that follow.

fail() {
  printf 'docker-host: %s\n' "$1" >&2
  exit 1
}

# What `connect` keeps of the options: those that the host is told.
KEPT="component ports container_port health_path health_seconds drain_seconds stop_seconds proxy proxy_file check_command \
reload_command run_options keep_images"

# The options, as variables of the same name.
read_options() {
  directory='' host='' port=22 user='' archive='' image='' verified=''
  component='' ports='8001 8002' container_port=8080 health_path='' health_seconds=120 drain_seconds=30 stop_seconds=30
  proxy=nginx proxy_file='' check_command='' reload_command='' run_options='' keep_images=5
  while [ $# -gt 0 ]; do
    [ $# -gt 1 ] || fail "\`$1\` has no value"
    case $1 in
      --directory) directory=$2 ;;
      --host) host=$2 ;;
      --port) port=$2 ;;
      --user) user=$2 ;;
      --archive) archive=$2 ;;
      --image) image=$2 ;;
      --verified) verified=$2 ;;
      --component) component=$2 ;;
      --ports) ports=$2 ;;
      --container-port) container_port=$2 ;;
      --health-path) health_path=$2 ;;
      --health-seconds) health_seconds=$2 ;;
      --drain-seconds) drain_seconds=$2 ;;
      --stop-seconds) stop_seconds=$2 ;;
      --proxy) proxy=$2 ;;
      --proxy-file) proxy_file=$2 ;;
      --check-command) check_command=$2 ;;
      --reload-command) reload_command=$2 ;;
      --run-options) run_options=$2 ;;
      --keep-images) keep_images=$2 ;;
      *) fail "there is no option \`$1\`" ;;
    esac
    shift 2
  done
  [ -n "$directory" ] || fail "\`--directory\` is missing: where the key and the settings are"
}

check_settings() {
  is_word "$component" '*[!a-z0-9._-]*' || refuse component "$component" "a name of a-z, 0-9, . _ -"
  is_number "$port" 65535 || refuse port "$port" "a number up to 65535"
  is_number "$container_port" 65535 || refuse container-port "$container_port" "a number up to 65535"
  count=0
  for one in $ports; do
    is_number "$one" 65535 || refuse ports "$one" "numbers up to 65535"
    count=$((count + 1))
  done
  [ "$count" -ge 2 ] || refuse ports "$ports" "two ports or more, for two containers cannot share one"
  is_number "$health_seconds" 3600 || refuse health-seconds "$health_seconds" "seconds up to an hour"
  is_number "$drain_seconds" 3600 || refuse drain-seconds "$drain_seconds" "seconds up to an hour"
  is_number "$stop_seconds" 3600 || refuse stop-seconds "$stop_seconds" "seconds up to an hour"
  is_number "$keep_images" 1000 || refuse keep-images "$keep_images" "a number up to 1000"
  case $health_path in
    '') ;;
    /*) is_text "$health_path" '*[!A-Za-z0-9._~/%?=\&-]*' || refuse health-path "$health_path" "the path of an address" ;;
    *) refuse health-path "$health_path" "a path that begins with /" ;;
  esac
  if ! is_word "$proxy" '*[!a-z]*' || [ ! -f "$here/host/proxies/$proxy.sh" ]; then
    refuse proxy "$proxy" "nginx, caddy or haproxy"
  fi
  case $proxy_file in
    *[!A-Za-z0-9._/-]* | */../* | */) refuse proxy-file "$proxy_file" "an absolute path" ;;
    /*) ;;
    '') ;;
    *) refuse proxy-file "$proxy_file" "an absolute path" ;;
  esac
  check_run_options
}

# Options of `docker run` that decide what this does itself.
check_run_options() {
  while IFS= read -r line; do
    case $line in
      --name | --name=* | --detach | --detach=* | -d* | --rm | --rm=* | --publish* | -p* | -P* | --network=host | --net=host | \
        --network=container:* | --net=container:* | --label=slipway.*)
        refuse run-options "$line" "none of --name, --detach, --rm and --publish"
        ;;
      '' | -*) ;;
      *) refuse run-options "$line" "one option a line, as \`--memory=512m\`"
    esac
  done <<LINES
$run_options
LINES
}

refuse() {
  fail "\`$2\` does not fit \`--$1\`: expected $3"
}

# Whether a text is there and has none of the characters of a pattern.
is_text() {
  # The pattern is meant as one.
  # shellcheck disable=SC2254
  case $1 in
    '' | $2) return 1 ;;
  esac
}

# The same of what is an argument: nothing that could be an option.
is_word() {
  case $1 in
    [!A-Za-z0-9]*) return 1 ;;
  esac
  is_text "$1" "$2"
}

# Whether a text is a number from 1 to a limit.
is_number() {
  case $1 in
    '' | *[!0-9]* | 0* | ??????*) return 1 ;;
  esac
  [ "$1" -le "$2" ]
}

is_digest() {
  is_word "$1" '*[!0-9a-f]*' && [ ${#1} -eq 64 ]
}

# Splits `name@sha256:…` into `name` and `digest`.
split_image() {
  name=${1%@sha256:*}
  name=${name%:[!/]*}
  digest=${1##*@sha256:}
  if ! is_word "$name" '*[!a-z0-9._:/-]*' || ! is_digest "$digest"; then
    refuse image "$1" "name@sha256:…"
  fi
}

# The image of `--image`, or of the release that rollback-gate names.
set_image() {
  image=${image:-${SLIPWAY_IMAGES:-}}
  case $image in
    *"
"*) fail "a component of one container has one image, not several" ;;
  esac
  split_image "$image"
}

# The images that are verified, of which there may be none yet.
set_verified() {
  kept_digests=''
  for one in $verified; do
    split_image "$one"
    kept_digests="$kept_digests $digest"
  done
  [ -n "$kept_digests" ] || fail "\`--verified\` is missing: what is verified is not known, so nothing is removed"
}
