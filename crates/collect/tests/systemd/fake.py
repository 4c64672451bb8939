"""Answers on a bus as systemd would: three services, a timer, a mount that failed, a wish for a unit there is not."""

import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME = "org.freedesktop.systemd1"
ROOT = "/org/freedesktop/systemd1"
UNITS = [
    ("nginx.service", "The web server", "loaded", "active", "running", "nginx", 0),
    ("backup.service", "Nightly copies \u2014 all of them", "loaded", "inactive", "dead", "backup", 0),
    ("crashing.service", "", "loaded", "activating", "auto-restart", "crashing", 7),
    ("gone.service", "gone.service", "not-found", "inactive", "dead", "gone", 0),
    ("backup.timer", "Nightly copies", "loaded", "active", "waiting", "backup_timer", 0),
    ("never.timer", "Never", "loaded", "active", "waiting", "never_timer", 0),
    ("mnt-data.mount", "/mnt/data", "loaded", "failed", "failed", "mount", 0),
]
PROPERTIES = {
    (ROOT, "SystemState"): dbus.String("degraded"),
    (ROOT + "/unit/nginx", "NRestarts"): dbus.UInt32(0),
    (ROOT + "/unit/crashing", "NRestarts"): dbus.UInt32(41),
    (ROOT + "/unit/backup_timer", "LastTriggerUSec"): dbus.UInt64(1760000000500000),
    (ROOT + "/unit/never_timer", "LastTriggerUSec"): dbus.UInt64(0),
}


class Systemd(dbus.service.FallbackObject):
    @dbus.service.method(NAME + ".Manager", in_signature="", out_signature="a(ssssssouso)")
    def ListUnits(self):
        return [
            (name, text, load, active, sub, "", dbus.ObjectPath(ROOT + "/unit/" + path), job, "start" if job else "",
             dbus.ObjectPath(ROOT + "/job/%d" % job if job else "/"))
            for name, text, load, active, sub, path, job in UNITS
        ]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v", path_keyword="path")
    def Get(self, interface, name, path=None):
        return PROPERTIES[(path, name)]


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.bus.BusConnection(sys.argv[1])
taken = dbus.service.BusName(NAME, bus)
systemd = Systemd(bus, ROOT)
print("ready", flush=True)
GLib.MainLoop().run()
