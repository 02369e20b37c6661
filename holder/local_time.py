"""A moment as its owner reads it: by the clock of the machine, with the zone named, so that nobody has to reckon.

The protocols, receipts and JSON stay in UTC.
"""

from __future__ import annotations

from datetime import datetime


def local_minute(moment: datetime) -> str:
    """Day and minute; the difference to UTC too, since names of zones, as CST, mean several."""
    local = moment.astimezone()
    name, offset = local.strftime("%Z"), local.strftime("%z")
    apart = f"UTC{offset[:3]}:{offset[3:5]}"
    if not local.utcoffset():
        zone = "UTC" if name in {"", "UTC", "GMT"} else f"{name} ({apart})"
    elif name[:1] in {"", "+", "-"}:
        zone = apart
    else:
        zone = f"{name} ({apart})"
    return f"{local:%Y-%m-%d %H:%M} {zone}"
