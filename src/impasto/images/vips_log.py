"""What libvips tells of its work, and what that costs."""

from contextlib import suppress

import pyvips

_TOLD = pyvips.GLogLevelFlags.LEVEL_WARNING | pyvips.GLogLevelFlags.LEVEL_CRITICAL | pyvips.GLogLevelFlags.LEVEL_ERROR


def let_interrupts_through() -> None:
    """From now on a Ctrl-C that comes while libvips works is raised when it is done.

    pyvips takes every line that libvips logs, as at the end of each reading and writing, into Python, where a Ctrl-C
    would be raised that waited for it, and be lost: nothing that is raised there leaves. Warnings are taken still. A
    pyvips with other names of its own for this is left as it is.
    """
    with suppress(AttributeError):
        again = pyvips._log_handler_cb
        pyvips._remove_log_handler()
        pyvips._log_handler_id = pyvips.glib_lib.g_log_set_handler(b"VIPS", _TOLD, again, pyvips.ffi.NULL)
