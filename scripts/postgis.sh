#!/usr/bin/env bash
# A PostGIS server of one's own, on a free port, in a folder that goes when it stops; for tests, never for service.
#
#   scripts/postgis.sh install       Debian's packages, where they are missing (root)
#   scripts/postgis.sh start DIR     make a cluster in DIR, start it, print its URL
#   scripts/postgis.sh stop DIR      stop it and remove DIR
set -euo pipefail

# The newest PostgreSQL that Debian has put under this folder.
bin() { find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1; }

# PostgreSQL refuses to run as root.
unprivileged() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

install() {
    ! compgen -G "/usr/share/postgresql/*/extension/postgis.control" >/dev/null || return 0
    apt-get update -qq
    # No cluster of the machine's own is made, or started.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql postgresql-postgis >/dev/null
}

start() {
    local folder=$1 port
    port=$(free_port)
    mkdir -p "$folder"
    chmod 700 "$folder"
    [ "$(id -u)" != 0 ] || chown postgres "$folder"
    cd "$folder" # the server's user must be able to enter where it is started
    unprivileged "$(bin)/initdb" -D "$folder/data" -U gridplan -A trust -E UTF8 --locale=C.UTF-8 >"$folder/initdb.log"
    echo "$port" >"$folder/port"
    run "$folder"
    unprivileged "$(bin)/createdb" -h 127.0.0.1 -p "$port" -U gridplan gridplan
    echo "postgresql://gridplan@127.0.0.1:$port/gridplan"
}

run() {
    local folder=$1
    cd "$folder"
    unprivileged "$(bin)/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
        -o "-p $(cat "$folder/port") -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder" start >/dev/null
}

stop() {
    local folder=$1
    [ -d "$folder/data" ] || return 0
    cd /
    unprivileged "$(bin)/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null || true
    rm -rf "$folder"
}

case ${1:-} in
install) install ;;
start | run | stop) "$1" "$(realpath -m "${2:?a folder}")" ;;
*) sed -n '2,6p' "$0" && exit 2 ;;
esac
