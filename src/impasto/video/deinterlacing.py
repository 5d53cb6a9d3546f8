"""Frames made of two fields, made whole."""

from collections.abc import Iterator
from fractions import Fraction

from impasto.video.ffmpeg import av, pulled


def deinterlaced(frames: Iterator[av.VideoFrame], time_base: Fraction) -> Iterator[av.VideoFrame]:
    """The frames, those that are interlaced made whole by ffmpeg's bwdif; as many, at the same times.

    A film may begin with whole ones, such as a title: they need no filter before the first that is interlaced.
    """
    graph, key = None, None
    for frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        if key != (shape := (frame.width, frame.height, frame.format.name)):
            if graph:
                graph.vpush(None)
                yield from pulled(graph)
            graph, key = _graph(*shape, time_base), shape
        assert graph
        graph.vpush(frame)
        yield from pulled(graph)
    if graph:
        graph.vpush(None)
        yield from pulled(graph)


def _graph(width: int, height: int, format: str, time_base: Fraction) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format=av.VideoFormat(format), time_base=time_base)
    bwdif = graph.add("bwdif", mode="send_frame", deint="interlaced")
    graph.link_nodes(source, bwdif, graph.add("buffersink")).configure()
    return graph
