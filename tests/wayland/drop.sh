#!/usr/bin/env bash
# Drops things on the real window in a Wayland session, dragged from another program by a pointer:
# tests/wayland/drop.sh [PROGRAM [FOLDER]]
#
# Fails if what is dropped is neither opened nor told of, or if pasting and copying do not work beside it; leaves pictures
# of the screen in FOLDER. Needs sway, grim, wtype, wl-clipboard, ImageMagick, and Python with GTK 3; Xvfb and xdotool for
# the last part, without Wayland. Says that it skips itself where no compositor can be started.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:-target/debug/igoscope}
folder=${2:-$(mktemp -d)}
mkdir -p "$folder"
# Debian's Python, which has GTK, whichever is the usual one.
python=/usr/bin/python3
screen=(1760 900)
work=$(mktemp -d)
log="$work/log"
compositor=
server=
pointer=
window=
source=
touch "$log"

# Leaves nothing behind, whatever happens.
clean_up() {
  for process in $window $source $pointer $server $compositor; do kill "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "drop: $1" >&2
  cat "$log" >&2
  exit 1
}

# within SECONDS COMMAND …: waits until the command succeeds, which it must within so many seconds.
within() {
  local tries=$(($1 * 10))
  shift
  for _ in $(seq "$tries"); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  return 1
}

# The compositor, with a screen that nobody sees.
export XDG_RUNTIME_DIR="$work/runtime" LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1 GDK_BACKEND=wayland
unset DISPLAY WAYLAND_DISPLAY WAYLAND_SOCKET SWAYSOCK
mkdir -m 700 "$XDG_RUNTIME_DIR"
cat >"$work/sway" <<END
output HEADLESS-1 resolution ${screen[0]}x${screen[1]}
xwayland disable
default_border none
default_floating_border none
for_window [app_id="igoscope"] floating enable, resize set 1440 900, move position 0 0
for_window [title="^drag: offered"] floating enable, resize set 280 200, move position 1460 20
END
# sway refuses to be root.
nobody=()
if [ "$(id -u)" = 0 ]; then
  nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
  chmod 711 "$work"
  chown nobody "$XDG_RUNTIME_DIR"
fi
WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 \
  "${nobody[@]}" sway -c "$work/sway" >"$work/compositor" 2>&1 &
compositor=$!
is_there() { compgen -G "$XDG_RUNTIME_DIR/$1"; }
if ! within 10 is_there 'sway-ipc.*.sock' || ! within 10 is_there 'wayland-?'; then
  echo "drop: SKIPPED, as no compositor can be started here:" >&2
  cat "$work/compositor" >&2
  exit 0
fi
SWAYSOCK=$(is_there 'sway-ipc.*.sock')
WAYLAND_DISPLAY=$(basename "$(is_there 'wayland-?')")
export SWAYSOCK WAYLAND_DISPLAY

mkfifo "$work/pointer"
exec {moves}<>"$work/pointer"
"$python" tests/wayland/pointer.py "${screen[@]}" <"$work/pointer" &
pointer=$!

has_window() { swaymsg -t get_tree | grep -q "\"$1\": \"$2\""; }

# start ARGUMENT…: opens the window and waits until it is there.
start() {
  : >"$log"
  IGOSCOPE_LOG=igoscope=info NO_COLOR=1 "$program" --settings "$work/settings" "$@" 2>>"$log" &
  window=$!
  within 30 has_window app_id igoscope || fail "no window appeared"
}

# await TEXT …: waits until the program's log says all of it, and forgets what it said so far.
await() {
  local text
  for text in "$@"; do
    within 90 grep -aq "$text" "$log" || fail "waited in vain for: $text"
  done
  ! grep -aq panicked "$log" || fail "the program panicked"
  : >"$log"
}

shoot() {
  grim "$1"
}
# shellcheck source=screenshots/pictures.sh
. screenshots/pictures.sh

# drag FORM WHAT: takes it from another program and holds it over the window.
drag() {
  "$python" tests/wayland/drag.py "$@" &
  source=$!
  within 30 has_window name 'drag: offered' || fail "there is nothing to drag from"
  # A drag begins when the pointer has moved for a while with its button down.
  printf '%s\n' 'move 1600 120' 'wait 0.5' press 'wait 0.2' 'move 1580 130' 'wait 0.2' 'move 1540 160' 'wait 0.2' \
    'move 1300 300' 'wait 0.2' 'move 700 450' 'wait 0.2' 'move 690 455' >&"$moves"
}

# release RESULT: lets go of it, with what becomes of it for the other program.
release() {
  # Not before both programs have said what they would do.
  printf '%s\n' 'wait 1' release >&"$moves"
  within 30 has_window name "drag: $1" || fail "what was dropped should be $1"
  kill "$source"
  wait "$source" 2>/dev/null || true
  source=
}

# keys ARGUMENT…: what wtype presses and types, once the window has seen that there is a keyboard, and while it still is.
keys() {
  wtype -s 500 "$@" -s 500
}

heron="$work/grey heron.png"
convert assets/samples/coffee.jpg "$heron"
cp "$heron" "$work/$(printf 'h\xe9ron.png')"

start assets/samples/chelsea.jpg
await 'predicted class='
picture before 2000

# A picture: the window says what a drop would do, and opens it.
drag text/uri-list "file://$PWD/assets/samples/coffee.jpg\r\n"
sleep 2
picture held 2000
differs before held
release dropped
await 'opened picture="coffee"' 'predicted class='
picture dropped 2000
differs before dropped

# A list with all that lists may have.
drag text/uri-list "# two herons\r\nfile://localhost$work/grey%20heron.png\r\nfile://$work/missing.png\r\nfile://$work/h%E9ron.png\r\n"
release dropped
await 'opened picture="grey heron"' 'missing.png' 'opened picture="h.*ron"' 'predicted class='
picture list 2000

# What cannot be opened is told.
drag text/uri-list 'https://example.org/heron.jpg\r\n'
release dropped
await 'fetches no pictures.*https://example.org/heron.jpg'
drag text/plain 'a letter'
release dropped
await 'nothing of what was dropped'
picture told 2000

# Pixels, as a browser gives a picture; and what is neither a file nor a picture, which is refused.
drag image/png "@$heron"
release dropped
await 'opened picture="dropped"' 'predicted class='
drag application/x-color 'red'
release refused

# The clipboard beside it: files, and text in both directions.
swaymsg -q '[app_id="igoscope"] focus'
printf 'file://%s/assets/samples/rocket.jpg\r\n' "$PWD" | wl-copy -t text/uri-list
keys -M ctrl v -m ctrl
await 'opened picture="rocket"' 'predicted class='
picture pasted 2000
wl-copy 'theme: light'
keys -M ctrl k -m ctrl
keys -M ctrl v -m ctrl
keys -k Return
picture light 2000
differs pasted light
keys -M ctrl k -m ctrl
keys 'copied'
keys -M ctrl a -m ctrl
keys -M ctrl c -m ctrl
[ "$(wl-paste -n)" = copied ] || fail "nothing was copied"
keys -k Escape

# It ends while it listens.
keys -M ctrl q -m ctrl
ended() { ! kill -0 "$window" 2>/dev/null; }
within 10 ended || fail "the window did not close"
wait "$window" || fail "the program ended with $?"
window=

# Where Wayland cannot be had, X11 is, and it is said why. A list is dropped there, too.
if command -v Xvfb >/dev/null && command -v xdotool >/dev/null && command -v xprop >/dev/null; then
  exec {said}<> <(:)
  Xvfb -displayfd "$said" -screen 0 "${screen[0]}x${screen[1]}x24" -nolisten tcp -noreset >/dev/null 2>&1 &
  server=$!
  read -r -t 30 number <&"$said" || fail "the virtual display did not start"
  : >"$log"
  export DISPLAY=":$number" WAYLAND_DISPLAY=nowhere GDK_BACKEND=x11
  IGOSCOPE_LOG=igoscope=info NO_COLOR=1 "$program" --settings "$work/settings" 2>>"$log" &
  window=$!
  within 30 xdotool search --name '^igoscope' || fail "no window appeared under X11"
  await 'Opened by XWayland' 'predicted class='
  "$python" tests/wayland/drag.py text/uri-list \
    "# two herons\r\nfile://localhost$work/grey%20heron.png\r\nfile://$work/missing.png\r\nhttps://example.org/heron.jpg\r\n" &
  source=$!
  within 30 xdotool search --name '^drag: offered' || fail "there is nothing to drag from"
  # What a window manager would do.
  xdotool search --name '^drag: offered' windowmove 1460 20 windowsize 280 200 windowraise
  for one in $(xdotool search --onlyvisible --name '^(igoscope|drag: offered)'); do
    xprop -id "$one" -f WM_STATE 32c -set WM_STATE 1
  done
  sleep 1
  xdotool mousemove 1600 120 sleep 0.5 mousedown 1 sleep 0.2 mousemove 1580 130 sleep 0.2 mousemove 1540 160 \
    sleep 0.3 mousemove 1300 300 sleep 0.3 mousemove 700 450 sleep 0.3 mousemove 690 455 sleep 2
  import -window root "$folder/x11.png"
  xdotool mouseup 1
  within 30 xdotool search --name '^drag: dropped' || fail "nothing was dropped under X11"
  await 'opened picture="grey heron"' 'missing.png' 'fetches no pictures.*https://example.org/heron.jpg'
fi
