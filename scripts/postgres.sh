#!/usr/bin/env bash
# A throw-away PostgreSQL for the tests: its own data folder, its own Unix user, loopback and a Unix socket only.
#
#   scripts/postgres.sh start              starts it (or finds it running) and prints CIAM_TEST_POSTGRES_URL=…
#   scripts/postgres.sh stop               stops it
#   scripts/postgres.sh with COMMAND…      runs COMMAND with CIAM_TEST_POSTGRES_URL set; stops the server afterwards,
#                                          unless `start` had started it or another `with` still uses it
#   scripts/postgres.sh remove             stops it and deletes its data
#   scripts/postgres.sh programs           prints the folder of the PostgreSQL programs, or fails
#
# It keeps nothing safe: no fsync. Texts sort by ICU's en-US rules, so that code relying on byte order shows.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"

OLDEST=15 # the first with ICU as a database's own locale
SUPERUSER=ciam_test

main() {
  case ${1:-} in
    programs) programs ;;
    start) prepare && locked start_server && touch "$BASE/keep" && echo "CIAM_TEST_POSTGRES_URL=$(url)" ;;
    stop) prepare && rm -f "$BASE/keep" && locked stop_server ;;
    remove) prepare && locked stop_server && rm -rf "$DATA" "$BASE" ;;
    with) shift && prepare && with_server "$@" ;;
    *) fail "usage: scripts/postgres.sh start|stop|remove|programs|with COMMAND…" ;;
  esac
}

# The newest installed PostgreSQL: Debian keeps each version's programs in a folder of its own, off the PATH.
programs() {
  local folder version
  while read -r folder; do
    version=$("$folder/postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
    if ((version >= OLDEST)); then
      echo "$folder"
      return
    fi
  done < <(candidates)
  fail "there is no PostgreSQL $OLDEST or newer. Run: apt-get install postgresql"
}

candidates() {
  local found
  for found in $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort --version-sort --reverse) "$(command -v initdb || true)"; do
    if [[ -x $found ]]; then dirname "$(readlink -f "$found")"; fi
  done
}

# Where everything is. BASE belongs to whoever runs the tests, DATA to the server's user.
prepare() {
  BIN=$(programs)
  BASE=$LOCAL/pg
  mkdir -p "$BASE"
  SERVER_USER=$(id -un)
  if [[ $(id -u) == 0 ]]; then # PostgreSQL refuses to run as root
    SERVER_USER=postgres
    id "$SERVER_USER" >/dev/null 2>&1 || fail "there is no Unix user '$SERVER_USER'. Run: adduser --system --group $SERVER_USER"
  fi
  DATA=$BASE/server
  # A home folder closed to other users, or a path too long for a socket's name: then beside the project.
  if ! as_server test -x "$BASE" || ((${#DATA} > 80)); then
    DATA=/var/tmp/ciam-console-pg-$(printf '%s' "$BASE" | sha256sum | cut -c1-12)
  fi
  if [[ -L $DATA ]]; then fail "$DATA is a symbolic link; remove it and run this again."; fi
  install --directory --mode=0700 --owner="$SERVER_USER" "$DATA"
}

# as_server COMMAND…: runs it as the server's user, from a folder that user may enter.
as_server() {
  if [[ $SERVER_USER == "$(id -un)" ]]; then
    "$@"
  else
    (cd / && runuser --user "$SERVER_USER" -- "$@")
  fi
}

# locked COMMAND…: one start or stop at a time, even when this script is killed and its initdb lives on.
locked() {
  (
    flock 8
    "$@"
  ) 8>"$BASE/lock"
}

url() { echo "postgres://$SUPERUSER:$(cat "$BASE/password")@127.0.0.1:$(cat "$BASE/port")/postgres"; }

is_running() { as_server "$BIN/pg_ctl" --pgdata="$DATA/data" status >/dev/null 2>&1; }

start_server() {
  if is_running && [[ -s $BASE/port ]]; then return; fi
  if ! as_server test -d "$DATA/data"; then create_cluster; fi
  if ! start_on_free_port; then
    # A cluster without fsync may not survive a power cut; it holds nothing of value.
    say "PostgreSQL did not start from its old data; making them anew"
    as_server rm -rf "$DATA/data"
    create_cluster
    start_on_free_port || fail "PostgreSQL does not start: $(as_server tail -n 5 "$DATA/log")"
  fi
}

# Made under another name and moved into place when complete, so that a kill leaves nothing half-made.
create_cluster() {
  local password
  as_server rm -rf "$DATA/data.new"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '%s' "$password" >"$BASE/password")
  # The server checks a plain password sent over loopback: the clients' debug builds are slow at SCRAM.
  # shellcheck disable=SC2016 # the inner shell, run as the server's user, expands its own arguments
  printf '%s' "$password" | as_server bash -c '
    umask 077
    cat >"$2/password"
    exec "$1/initdb" --pgdata="$2/data.new" --username="$3" --pwfile="$2/password" \
      --auth=password --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=en-US \
      --no-sync --no-instructions >"$2/initdb.log" 2>&1
  ' - "$BIN" "$DATA" "$SUPERUSER" || fail "initdb failed: $(as_server cat "$DATA/initdb.log")"
  as_server mv "$DATA/data.new" "$DATA/data"
}

# The server must not hold our locks. Its port was free a moment ago; should someone else take it meanwhile, the next is tried.
start_on_free_port() {
  local port attempt
  local settings=(
    -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$DATA" -c unix_socket_permissions=0700
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0
    -c max_connections=300 -c jit=off -c timezone=UTC
  )
  for attempt in 1 2 3; do
    port=$(free_port)
    rm -f "$BASE/port"
    if as_server "$BIN/pg_ctl" --pgdata="$DATA/data" --log="$DATA/log" --wait --timeout=30 --silent \
      --options="-p $port ${settings[*]}" start </dev/null >/dev/null 2>&1 7>&- 8>&- 9>&-; then
      echo "$port" >"$BASE/port"
      return
    fi
    if ((attempt == 3)); then return 1; fi
  done
}

free_port() { node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })'; }

stop_server() {
  if is_running; then
    as_server "$BIN/pg_ctl" --pgdata="$DATA/data" --mode=immediate --wait --silent stop >/dev/null 2>&1 || true
  fi
  rm -f "$BASE/port"
}

# Users hold a shared lock on one file; whoever can take it alone afterwards was the last.
with_server() {
  local result=0
  trap : INT TERM # the command ends by itself; the server is stopped after it
  exec 7>"$BASE/users"
  flock --shared 7
  locked start_server
  CIAM_TEST_POSTGRES_URL=$(url)
  export CIAM_TEST_POSTGRES_URL
  "$@" 7>&- || result=$?
  if [[ ! -e $BASE/keep ]] && flock --exclusive --nonblock 7; then locked stop_server; fi
  return "$result"
}

main "$@"
