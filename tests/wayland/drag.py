"""A window that something can be dragged from: drag.py FORM WHAT

FORM is the name that MIME has for it. WHAT is the text, with Python's escapes, or @FILE for what is in a file. The window
is called “drag: offered”, and “drag: dropped” or “drag: refused” once it is one of these.
"""

import sys

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402


def main():
    form, what = sys.argv[1:]
    if what.startswith("@"):
        with open(what[1:], "rb") as file:
            held = file.read()
    else:
        held = what.encode().decode("unicode_escape").encode("latin-1")
    window = Gtk.Window(title="drag: offered")
    source = Gtk.EventBox()
    source.add(Gtk.Label(label=f"{form}\n{what}", max_width_chars=30, wrap=True))
    window.add(source)
    # As a file manager does, it would also let its files be moved: nobody may take it by its word.
    actions = Gdk.DragAction.COPY | Gdk.DragAction.MOVE
    source.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new(form, 0, 0)], actions)

    def ends(name):
        if window.get_title() == "drag: offered":
            window.set_title(name)

    source.connect("drag-data-get", lambda _, context, data, *rest: data.set(Gdk.Atom.intern(form, False), 8, held))
    source.connect("drag-data-delete", lambda *_: ends("drag: moved"))
    source.connect("drag-failed", lambda *_: ends("drag: refused"))
    source.connect("drag-end", lambda *_: ends("drag: dropped"))
    window.connect("destroy", Gtk.main_quit)
    window.show_all()
    Gtk.main()


main()
