#!/bin/sh
# One machine with Docker, reached over SSH: moves images to it, starts them beside what runs, switches users, and retires.
#
#   docker-host.sh connect  --directory D --host H --component C …  pins the host and keeps the settings in D
#   docker-host.sh transfer --directory D --archive image.tar       moves an image that `docker save` wrote
#   docker-host.sh start    --directory D --image name@sha256:…     starts it beside the old one and waits until it is healthy
#   docker-host.sh switch   --directory D [--image name@sha256:…]   sends the users to it, or back, by SLIPWAY_IMAGES and SLIPWAY_WEIGHT
#   docker-host.sh retire   --directory D                           ends what gets no users
#   docker-host.sh prune    --directory D --verified "name@sha256:…"  removes what is older than the last images
#   docker-host.sh forward  --directory D --port P                  makes a container's port answer here, for checks and metrics
#   docker-host.sh close    --directory D                           ends the connection and removes the key
#
# `connect` prints as `command` a program that needs no `--directory`, for the commands of rollback-gate.
# Nothing of the machine's own SSH settings is read. What the host runs is sent by stdin, values quoted, and as one compound
# command: a connection that breaks runs none of it.
set -eu
LC_ALL=C
export LC_ALL

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=settings.sh
. "$here/settings.sh"
# shellcheck source=connection.sh
. "$here/connection.sh"
# shellcheck source=archive.sh
. "$here/archive.sh"

[ $# -gt 0 ] || fail "say what to do: connect, transfer, start, switch, retire, prune, forward or close"
verb=$1
shift
read_options "$@"

case $verb in
  connect) connect ;;
  transfer) transfer ;;
  start)
    set_image
    on_host start
    ;;
  switch)
    set_image
    on_host switch
    ;;
  retire) on_host retire ;;
  prune)
    set_verified
    on_host prune
    ;;
  forward) forward ;;
  close) close ;;
  *) fail "there is no command \`$verb\`" ;;
esac
