"""The command `impasto`, which is `python -m impasto`, too."""

import sys


def main() -> int:
    """Loads the command line and runs it. Returns its exit code, also where Ctrl-C comes while it is loaded."""
    try:
        from impasto.cli import main as run
    except KeyboardInterrupt:
        print("impasto: interrupted before there was a picture to save.", file=sys.stderr)
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
