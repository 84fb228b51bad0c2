# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# Caddy: a snippet of the component's name, for `import <component>` in a site.
proxy_file=${proxy_file:-/etc/caddy/slipway/$component.caddy}

proxy_text() {
  printf '(%s) {\n\treverse_proxy 127.0.0.1:%s\n}\n' "$component" "$1"
}

proxy_check() {
  caddy validate --config /etc/caddy/Caddyfile --adapter caddyfile
}

proxy_reload() {
  caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile
}
