"""Addresses -> verified files in the user's cache."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from impasto.errors import WeightsError

CHUNK = 2**16
"""Bytes written at a time, and so the most that is lost where a download breaks off."""

console = Console(stderr=True)
"""Where a bar shows how far a download is, in a terminal only; `console.quiet = True` turns it off."""


def cache_folder() -> Path:
    """Where fetched weights are kept: `$IMPASTO_CACHE`, or the user's cache folder of this system."""
    import pooch

    return Path(os.environ.get("IMPASTO_CACHE") or pooch.os_cache("impasto"))


def fetch(address: str, sha256: str, folder: Path) -> Path:
    """The file behind `address`, from `folder` where it is there already, else fetched into it.

    What breaks off is taken up again by the next call. The file gets its name only when its SHA-256 is right. Raises
    `WeightsError` where it cannot be had.
    """
    import pooch  # these two load slowly, and the default network needs neither
    import requests

    pooch.get_logger().setLevel("WARNING")  # it would tell of each download in lines of its own
    target = folder / address.rpartition("/")[2]
    downloader = Resuming(target.with_name(f"{target.name}.part"))
    try:
        pooch.retrieve(address, f"sha256:{sha256}", target.name, folder, downloader=downloader)
    except requests.RequestException as error:
        raise WeightsError(
            f"{address} could not be fetched ({type(error).__name__}): try again, or fetch it by hand to {target}"
        ) from error
    except ValueError as error:
        raise WeightsError(f"{address} did not give the right file (its checksum differs): try again later") from error
    except OSError as error:
        raise WeightsError(f"{target} could not be written ({error.strerror}): set IMPASTO_CACHE elsewhere") from error
    return target


@dataclass(frozen=True)
class Resuming:
    """A downloader for pooch that goes on where the last one broke off (HTTP range requests, RFC 9110, section 14)."""

    part: Path
    """What has arrived so far."""

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Fetches what is missing of `url`, then moves all of it to `output_file`. Raises what requests raises."""
        import requests

        done = self.part.stat().st_size if self.part.exists() else 0
        headers = {"Range": f"bytes={done}-", "Accept-Encoding": "identity"}
        with requests.get(url, headers=headers, stream=True, timeout=30) as response:
            if response.status_code != requests.codes.requested_range_not_satisfiable:  # else nothing is missing
                response.raise_for_status()
                self._append(response, done if response.status_code == requests.codes.partial_content else 0)
        os.replace(self.part, output_file)

    def _append(self, response: Any, done: int) -> None:
        total = done + int(response.headers.get("Content-Length", 0))
        with _bar() as bar, self.part.open("ab" if done else "wb") as file:
            task = bar.add_task(self.part.stem, total=total, completed=done)
            for chunk in response.iter_content(CHUNK):
                bar.advance(task, file.write(chunk))


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal)
