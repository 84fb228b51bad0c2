# shellcheck shell=sh
# shellcheck disable=SC2154 # The settings come before this.
# HAProxy: a `backend` of the component's name, in a folder of its own that HAProxy is started with (`-f` twice).
proxy_file=${proxy_file:-/etc/haproxy/slipway/$component.cfg}

proxy_text() {
  printf 'backend %s\n    server %s 127.0.0.1:%s\n' "$component" "$component" "$1"
}

proxy_check() {
  as_root haproxy -c -q -f /etc/haproxy/haproxy.cfg -f "$(dirname -- "$proxy_file")"
}

# In master-worker mode, as Debian's unit starts it: the old worker finishes its requests.
proxy_reload() {
  as_root systemctl reload haproxy
}
