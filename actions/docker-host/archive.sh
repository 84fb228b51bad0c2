# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # The options come before this, and the host is told what is set here.
# An image as `docker save` writes it, and its way to the host.
#
# The identity of the image is the digest of its configuration, which lists the digests of its layers. It is the same in every
# store of Docker; an image's id is not: Docker's own store takes this digest, containerd's takes the manifest's.

# Moves the archive, unless the host has the image, and prints `name@sha256:<digest of the configuration>`.
transfer() {
  is_connected
  read_archive
  if ! on_host has_image >/dev/null 2>&1; then
    gzip -1 <"$archive" | ssh -F "$directory/ssh_config" -T docker-host 'gzip -dc | docker load' >&2 ||
      fail "the host did not load the image"
  fi
  on_host check_image >&2
  printf '%s@sha256:%s\n' "$name" "$digest"
}

# Reads `name`, `digest` and `layers`, and checks that the archive is what it says.
read_archive() {
  [ -f "$archive" ] || fail "there is no archive \`$archive\`"
  manifest=$(tar -xOf "$archive" manifest.json 2>/dev/null) || fail "\`$archive\` is no archive of \`docker save\`"
  configuration=$(printf '%s' "$manifest" | grep -o '"Config":"[^"]*"' | sed 's/^"Config":"//; s/"$//')
  is_word "$configuration" '*[!A-Za-z0-9./]*' || fail "\`$archive\` holds not one image"
  digest=${configuration%.json}
  digest=${digest##*/}
  is_digest "$digest" || fail "\`$archive\` names no configuration by its digest"
  text=$(tar -xOf "$archive" "$configuration" && echo .) || fail "\`$archive\` is damaged: its configuration is missing"
  sum=$(printf '%s' "${text%.}" | sha256)
  [ "$sum" = "$digest" ] || fail "\`$archive\` is damaged: its configuration is not that of sha256:$digest"
  layers=$(printf '%s' "$text" | grep -o '"diff_ids":\[[^]]*\]' | grep -o 'sha256:[0-9a-f]*' | tr '\n' ' ')
  tag=$(printf '%s' "$manifest" | grep -o '"RepoTags":\["[^"]*"' | sed 's/^"RepoTags":\["//; s/"$//')
  name=${tag%:*}
  is_word "$name" '*[!a-z0-9._:/-]*' || fail "the image in \`$archive\` has no name: save it as \`docker save name:version\`"
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}
