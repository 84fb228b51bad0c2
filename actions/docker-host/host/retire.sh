# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# On the host: the end of what gets no users, and of what is older than the last images.

# Ends the containers that get no users, if the one that does is healthy.
retire() {
  current=$(in_service)
  [ -n "$current" ] || {
    say "$proxy_file does not say who has the users, so nothing is ended"
    return
  }
  is_healthy "$current" || fail "$current has the users and is not healthy, so nothing is ended"
  for container in $(running); do
    [ "$container" = "$current" ] || drain "$container"
  done
}

# Removes the images of this name that are neither among the last, nor verified, nor run, nor another component's, with
# their containers.
prune() {
  kept_ids=''
  for container in $(docker ps --all --format '{{.Names}}'); do
    [ "$(label "$container" component)" = "$component" ] ||
      kept_ids="$kept_ids $(docker container inspect --format '{{.Image}}' "$container")"
  done
  count=0
  for container in $(docker ps --all --filter "label=slipway.component=$component" --format '{{.Names}}'); do
    id=$(docker container inspect --format '{{.Image}}' "$container")
    case " $kept_ids " in
      *" $id "*) continue ;;
    esac
    is_kept "$container" || continue
    kept_ids="$kept_ids $id"
  done
  for one in $kept_digests; do
    id=$(image_id "$one") || fail "the verified sha256:$one is not on the host, so nothing is removed"
    kept_ids="$kept_ids $id"
  done
  remove_containers
  remove_images
}

# Whether a container is among the newest, or runs.
is_kept() {
  count=$((count + 1))
  [ "$count" -le "$keep_images" ] || [ -n "$(running --filter "name=^$1\$")" ]
}

remove_containers() {
  for container in $(docker ps --all --filter "label=slipway.component=$component" --format '{{.Names}}'); do
    id=$(docker container inspect --format '{{.Image}}' "$container")
    case " $kept_ids " in
      *" $id "*) ;;
      *) docker container rm "$container" >/dev/null && say "removed $container" ;;
    esac
  done
}

remove_images() {
  docker image ls --no-trunc --format '{{.ID}} {{.Repository}}:{{.Tag}}' "$name" | while read -r id reference; do
    case " $kept_ids " in
      *" $id "*) ;;
      *)
        case $reference in
          *:'<none>') reference=$id ;;
        esac
        docker image rm "$reference" >/dev/null && say "removed $reference"
        ;;
    esac
  done
}
