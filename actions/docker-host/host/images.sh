# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# On the host: images, known by the digest of their configuration.

# The host's own id of the image with a digest; false if it has none.
image_id() {
  if docker image inspect --format '{{.Id}}' "sha256:$1" 2>/dev/null; then
    return
  fi
  # A store that takes another digest for the id.
  for id in $(docker image ls --no-trunc --quiet "$name" | sort -u); do
    if [ "$(configuration_of "$id")" = "$1" ]; then
      printf '%s\n' "$id"
      return
    fi
  done
  return 1
}

configuration_of() {
  docker image save "$1" | tar -xOf - manifest.json | grep -o '"Config":"[^"]*"' | grep -o '[0-9a-f]\{64\}'
}

has_image() {
  image_id "$digest"
}

# Whether what arrived is what was sent.
check_image() {
  id=$(image_id "$digest") || fail "what arrived is not the image that was sent: sha256:$digest is not here"
  arrived=$(docker image inspect --format '{{range .RootFS.Layers}}{{.}} {{end}}' "$id")
  [ "$arrived" = "$layers" ] || fail "what arrived has other layers than sha256:$digest: $arrived"
  say "sha256:$digest is on the host, with the layers that were sent"
}
