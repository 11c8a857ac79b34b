#!/usr/bin/env bash
# Uses the real window under a virtual display as a person does, and takes pictures of it on the way:
# screenshots/make.sh [PROGRAM [FOLDER]]
#
# Fails if an explanation fails or does not come, if a click or a key does not do what it is for, if the window is blank,
# or if it does not end when it is told to. Needs Xvfb, xdotool and ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-target/release/igoscope}
folder=${2:-screenshots}
mkdir -p "$folder"
log=$(mktemp)
settings=$(mktemp -d)
broken=$(mktemp -d)/broken.jpg
server=
window=

# Leaves nothing behind, whatever happens.
clean_up() {
  [ -z "$window" ] || kill "$window" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$log" "$settings" "${broken%/*}"
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
  IGOSCOPE_LOG=igoscope=info NO_COLOR=1 "$program" "$@" 2>>"$log" &
  window=$!
  for _ in $(seq 300); do
    # Without a window manager nobody gives it the keyboard.
    if xdotool search --name '^igoscope' windowfocus >/dev/null 2>&1; then
      # Where the pointer is in nobody's way.
      xdotool mousemove 600 885
      return
    fi
    kill -0 "$window" 2>/dev/null || fail "the window closed at once"
    sleep 0.1
  done
  fail "no window appeared"
}

# quit: tells the window to end, by its own command, and waits until it has. A run under way is no hindrance.
quit() {
  xdotool key ctrl+q
  for _ in $(seq 50); do
    if ! kill -0 "$window" 2>/dev/null; then
      wait "$window" || fail "the program ended with $?"
      window=
      return
    fi
    sleep 0.1
  done
  fail "the window did not close"
}

# await TEXT: waits until the program's log says so, and forgets what it said so far.
await() {
  for _ in $(seq 3000); do
    if grep -q "$1" "$log"; then
      : >"$log"
      return
    fi
    if grep -qE ' (WARN|ERROR) |panicked' "$log"; then fail "the program complained"; fi
    kill -0 "$window" 2>/dev/null || fail "the program ended"
    sleep 0.1
  done
  fail "waited in vain for: $1"
}

# press KEY and enter WORDS: what the keyboard does, each slow enough for a frame of its own.
press() {
  xdotool key "$1"
  sleep 0.5
}
enter() {
  xdotool type --delay 20 "$1"
  sleep 0.5
  press Return
}

# command_by_name WORDS: asks for something by its name.
command_by_name() {
  press ctrl+k
  enter "$1"
}

shoot() {
  import -window root "$1"
}
# shellcheck source=screenshots/pictures.sh
. screenshots/pictures.sh

# The first start: nothing is given, and a sample is explained.
start
await 'iteration=4'
picture running 2000
await 'run finished'
picture explained 2000
command_by_name 'theme: light'
picture light 2000
differs explained light
# What can be asked for by name, and by which key.
press ctrl+k
picture palette 2000
press Escape
command_by_name 'theme: dark'

# The deletion curves, held where a fifth of the cells is deleted: the tiles show the pictures there.
xdotool mousemove 600 850 mousemove 822 250 mousedown 1
picture held 2000
differs explained held
xdotool mouseup 1
# Lines around the most important cells, with the pointer on one of the tiles.
command_by_name 'contour'
xdotool mousemove 480 180
picture contour 2000
differs explained contour

# Another class, found by its name; then it is explained with other parameters, and the two runs are compared.
command_by_name 'overlay'
press ctrl+f
enter 'cup'
await 'predicted class="cup"'
await 'run finished'
command_by_name 'pin this run'
command_by_name 'preset: fast'
await 'run finished'
command_by_name 'pin this run'
command_by_name 'compare the two'
xdotool mousemove 700 860
picture compared 2000
differs explained compared
press Escape

# The networks to choose from.
press ctrl+m
picture models 2000
press Escape
if grep -qE ' (WARN|ERROR) |panicked' "$log"; then fail "the program complained"; fi

# A run is under way when the window is closed.
command_by_name 'explain again'
await 'step'
quit

# A file that is no picture: the window says so, and explains the next one.
echo 'no picture' >"$broken"
start "$broken" assets/samples/chelsea.jpg
for _ in $(seq 3000); do
  if grep -q 'run finished' "$log"; then break; fi
  sleep 0.1
done
grep -q 'broken.jpg' "$log" || fail "nothing was said of a broken file"
grep -q 'run finished' "$log" || fail "nothing came after a broken file"
picture error 2000
quit

# The display takes the window away: it ends with words, not only with a panic.
start assets/samples/chelsea.jpg
await 'run finished'
xdotool search --name '^igoscope' windowclose
for _ in $(seq 100); do kill -0 "$window" 2>/dev/null || break; sleep 0.1; done
kill -0 "$window" 2>/dev/null && fail "the program outlived its window"
wait "$window" && fail "the program was content without its window"
window=
grep -q '^igoscope: the window is gone' "$log" || fail "nothing was said of the window"
