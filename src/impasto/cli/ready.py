"""What every command that paints or trains does before it begins."""


def get_ready(quiet: bool) -> None:
    """Loads torch, and readies the process for long work. Where it is to be `quiet`, so are downloads."""
    from impasto.allocator import keep_freed_memory
    from impasto.images.vips_log import let_interrupts_through
    from impasto.networks import download

    keep_freed_memory()
    let_interrupts_through()
    download.console.quiet = quiet
