# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# nginx: an `upstream` of the component's name, for `proxy_pass http://<component>`.
proxy_file=${proxy_file:-/etc/nginx/slipway/$component.conf}

proxy_text() {
  printf 'upstream %s {\n  server 127.0.0.1:%s;\n}\n' "$component" "$1"
}

proxy_check() {
  as_root nginx -t -q
}

# Old workers finish their requests.
proxy_reload() {
  as_root nginx -s reload
}
