"""The settings of a run, kept in the metadata of the picture that it made.

They travel as text in an XMP packet (ISO 16684-1): the one kind of metadata that JPEG, PNG, WebP, TIFF and AVIF all
hold, and that viewers show.
"""

import xml.etree.ElementTree as ET
from pathlib import Path
from xml.sax.saxutils import escape

from impasto.errors import ImageError
from impasto.images.reading import explained, load, opened

_NAMESPACE = "urn:impasto:record"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:impasto="{namespace}">
<xmp:CreatorTool>impasto</xmp:CreatorTool>
<impasto:settings>{record}</impasto:settings>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def pack(record: str) -> bytes:
    """The XMP packet that carries `record`: JSON, or other text without control characters."""
    return _PACKET.format(namespace=_NAMESPACE, record=escape(record)).encode()


def unpack(packet: bytes) -> str | None:
    """The record in an XMP packet; None where the packet is another program's.

    Raises `ImageError` where it is impasto's and damaged.
    """
    if _NAMESPACE.encode() not in packet:
        return None
    try:
        found = ET.fromstring(packet.rstrip(b"\0")).find(f".//{{{_NAMESPACE}}}settings")
    except (ET.ParseError, LookupError, ValueError) as error:  # it may say that it is in an encoding that nobody knows
        raise ImageError(f"its settings are damaged ({error}). Give them by hand.") from error
    return None if found is None else found.text or ""


def read_record(path: str | Path) -> str | None:
    """The record with which a picture was written; None where it has none. Reads the header, not the pixels.

    Raises `ImageError`, one line, where the file cannot be read or the record is damaged.
    """
    with explained(repr(str(path))), opened(Path(path)) as file:
        image = load(file)
        return unpack(image.get("xmp-data")) if image.get_typeof("xmp-data") else None
