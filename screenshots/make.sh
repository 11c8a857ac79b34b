#!/usr/bin/env bash
# Takes pictures of the real window under a virtual display: screenshots/make.sh [PROGRAM [FOLDER]]
#
# Fails if an explanation fails, does not come, or leaves the window blank. Needs Xvfb, xdotool and ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/igoscope}
folder=${2:-screenshots}
mkdir -p "$folder"
log=$(mktemp)
settings=$(mktemp -d)
server=
window=

# Leaves nothing behind, whatever happens.
clean_up() {
  [ -z "$window" ] || kill "$window" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$log" "$settings"
}
trap clean_up EXIT

fail() {
  echo "screenshots: $1" >&2
  cat "$log" >&2
  exit 1
}

# A display number nobody uses: Xvfb picks one and says which.
exec {said}<> <(:)
Xvfb -displayfd "$said" -screen 0 1440x900x24 -nolisten tcp -noreset >/dev/null 2>&1 &
server=$!
read -r -t 30 number <&"$said" || fail "the virtual display did not start"
export DISPLAY=":$number" LIBGL_ALWAYS_SOFTWARE=1 XDG_CONFIG_HOME="$settings" XDG_DATA_HOME="$settings"
unset WAYLAND_DISPLAY

# start ARGUMENT…: opens the window and waits until it is there.
start() {
  : >"$log"
  IGOSCOPE_LOG=igoscope=info NO_COLOR=1 "$program" "$@" 2>"$log" &
  window=$!
  for _ in $(seq 300); do
    if xdotool search --name '^igoscope' >/dev/null 2>&1; then return; fi
    kill -0 "$window" 2>/dev/null || fail "the window closed at once"
    sleep 0.1
  done
  fail "no window appeared"
}

stop() {
  kill "$window" 2>/dev/null || true
  wait "$window" 2>/dev/null || true
  window=
}

# await TEXT: waits until the program's log says so.
await() {
  for _ in $(seq 3000); do
    if grep -q "$1" "$log"; then return; fi
    if grep -qE ' (WARN|ERROR) |panicked' "$log"; then fail "the program complained"; fi
    kill -0 "$window" 2>/dev/null || fail "the program ended"
    sleep 0.1
  done
  fail "waited in vain for: $1"
}

# picture NAME: what the screen shows, if it shows anything.
picture() {
  sleep 1
  import -window root "$folder/$1.png"
  local colours
  colours=$(identify -format %k "$folder/$1.png")
  [ "$colours" -gt "$2" ] || fail "$1 is blank: $colours colours"
  echo "$folder/$1.png: $colours colours"
}

start
await 'run finished'
picture start 2000
stop

start --sample coffee
await 'iteration=4'
picture running 2000
await 'run finished'
picture explained 2000

# The deletion curves, held where a fifth of the cells is deleted: the tiles show the pictures there.
xdotool mousemove 600 850 mousemove 822 250 mousedown 1
picture held 2000
xdotool mouseup 1
# Lines around the most important cells, with the pointer on one of the tiles.
xdotool mousemove 1190 797 click 1
sleep 1
xdotool mousemove 480 180
picture contour 2000
if grep -qE ' (WARN|ERROR) |panicked' "$log"; then fail "the program complained"; fi
stop
