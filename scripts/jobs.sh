# shellcheck shell=bash
# Sourced by setup.sh: runs installations side by side, tells how far they are, stops them all when one fails.
# Each job writes to its own log under .local/setup; the log's end is shown when the job fails.

JOB_LOGS=$LOCAL/setup
JOB_HEARTBEAT=20 # seconds between two lines about jobs still at work
declare -A JOB_PID=() JOB_SINCE=()

# begin NAME ABOUT COMMAND…: starts COMMAND in its own process group and returns at once.
begin() {
  local name=$1 about=$2
  shift 2
  mkdir -p "$JOB_LOGS"
  say "  $name: $about"
  set -m
  (
    set -e
    "$@"
  ) >"$JOB_LOGS/$name.log" 2>&1 </dev/null &
  JOB_PID[$name]=$!
  set +m
  JOB_SINCE[$name]=$SECONDS
}

# finish_all: waits for every job; the first failure stops the others and ends the script.
finish_all() {
  local next_word=$((SECONDS + JOB_HEARTBEAT)) name
  while ((${#JOB_PID[@]} > 0)); do
    for name in "${!JOB_PID[@]}"; do
      kill -0 "${JOB_PID[$name]}" 2>/dev/null || reap "$name"
    done
    if ((SECONDS >= next_word)); then
      heartbeat
      next_word=$((SECONDS + JOB_HEARTBEAT))
    fi
    sleep 0.2
  done
}

# finish NAME: waits for one job.
finish() {
  while kill -0 "${JOB_PID[$1]}" 2>/dev/null; do sleep 0.2; done
  reap "$1"
}

# reap NAME: takes a finished job's result.
reap() {
  local name=$1 pid=${JOB_PID[$1]} took=$((SECONDS - JOB_SINCE[$1]))
  unset "JOB_PID[$name]"
  if wait "$pid"; then
    say "  $name: done after $took s"
    return
  fi
  stop_all
  say "  $name: FAILED after $took s. The end of $JOB_LOGS/$name.log:"
  tail -n 25 "$JOB_LOGS/$name.log" | sed 's/^/    /' >&2
  fail "setting up '$name' did not work (see above). Nothing half-installed is used; run the same command again."
}

# heartbeat: one line on what is still at work; for Rust programs with the number of crates compiled.
heartbeat() {
  local name crates line=""
  for name in "${!JOB_PID[@]}"; do
    crates=$(grep -c '^ *Compiling' "$JOB_LOGS/$name.log" || true)
    line+="${line:+, }$name $((SECONDS - JOB_SINCE[$name])) s"
    if ((crates > 0)); then line+=" ($crates crates)"; fi
  done
  if [[ -n $line ]]; then say "  … at work: $line"; fi
}

# stop_all: ends what is still running, by its process group.
stop_all() {
  local name
  for name in "${!JOB_PID[@]}"; do
    kill -TERM -- "-${JOB_PID[$name]}" 2>/dev/null || true
  done
}
