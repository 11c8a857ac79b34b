#!/usr/bin/env bash
# Packages the program the tests built, unpacks the package, and opens a picture with it as a double click would:
# packaging/try-deb.sh [FOLDER]
#
# Leaves the package and a picture of the window in FOLDER. Needs cargo-deb, desktop-file-validate, appstreamcli, Xvfb,
# xdotool and ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
root=$(mktemp -d)
server=
window=

# Leaves nothing behind, whatever happens.
clean_up() {
  [ -z "$window" ] || kill "$window" 2>/dev/null || true
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$root"
}
trap clean_up EXIT

fail() {
  echo "package: $1" >&2
  [ ! -f "$root/log" ] || cat "$root/log" >&2
  exit 1
}

desktop-file-validate assets/linux/igoscope.desktop
appstreamcli validate --no-net assets/linux/*.metainfo.xml >/dev/null || fail "the metainfo is not valid"

package=$folder/igoscope.deb
cargo deb --no-build --profile dev --strip --fast --quiet --output "$package" >/dev/null
dpkg-deb --extract "$package" "$root"
for file in usr/share/applications/igoscope.desktop usr/share/metainfo/org.igoscope.igoscope.metainfo.xml \
  usr/share/icons/hicolor/256x256/apps/igoscope.png usr/share/doc/igoscope/copyright; do
  [ -s "$root/$file" ] || fail "the package has no $file"
done
missing=$(ldd "$root/usr/bin/igoscope" | grep 'not found' || true)
[ -z "$missing" ] || fail "libraries are missing: $missing"

# What a file manager does: the line of the desktop file, with the program where it was unpacked and the file.
line=$(sed -n 's/^Exec=//p' "$root/usr/share/applications/igoscope.desktop")
read -r -a command <<<"$line"
for index in "${!command[@]}"; do
  if [ "${command[index]}" = %F ]; then command[index]=$PWD/assets/samples/coffee.jpg; fi
done

exec {said}<> <(:)
Xvfb -displayfd "$said" -screen 0 1440x900x24 -nolisten tcp -noreset >/dev/null 2>&1 &
server=$!
read -r -t 30 number <&"$said" || fail "the virtual display did not start"
export DISPLAY=":$number" LIBGL_ALWAYS_SOFTWARE=1 XDG_CONFIG_HOME="$root" XDG_DATA_HOME="$root"
unset WAYLAND_DISPLAY
(cd / && PATH="$root/usr/bin:$PATH" IGOSCOPE_LOG=igoscope=info NO_COLOR=1 exec "${command[@]}") 2>"$root/log" &
window=$!
for _ in $(seq 600); do
  if grep -q 'iteration=1' "$root/log"; then break; fi
  kill -0 "$window" 2>/dev/null || fail "the program ended"
  sleep 0.1
done
grep -q 'predicted.*espresso' "$root/log" || fail "the picture was not explained"
xdotool search --name '^igoscope' >/dev/null || fail "there is no window"
sleep 1
icons=0
for id in $(xdotool search --name '^igoscope'); do
  icons=$((icons + $(xprop -len 4000000 -id "$id" _NET_WM_ICON | grep -c '256 x 256' || true)))
done
[ "$icons" -gt 0 ] || fail "the window has no icon"
import -window root "$folder/package.png"
colours=$(identify -format %k "$folder/package.png")
[ "$colours" -gt 2000 ] || fail "the window is blank: $colours colours"
echo "$package: $(dpkg-deb --show --showformat '${Version}' "$package"), opens a picture"
