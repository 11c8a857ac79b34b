# Pictures of the screen, for scripts that use the window: sourced by those that have `fail MESSAGE`, a $folder, and
# `shoot FILE`, which takes one.

# picture NAME COLOURS: what the screen shows, if that is more than so many colours.
picture() {
  sleep 1
  shoot "$folder/$1.png"
  local colours
  colours=$(identify -format %k "$folder/$1.png")
  [ "$colours" -gt "$2" ] || fail "$1 is blank: $colours colours"
  echo "$folder/$1.png: $colours colours"
}

# differs ONE OTHER: two pictures are not the same.
differs() {
  ! cmp -s <(convert "$folder/$1.png" rgb:-) <(convert "$folder/$2.png" rgb:-) || fail "$2 looks like $1"
}
