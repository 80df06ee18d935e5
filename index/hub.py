"""Fetches models from a model hub. The only importer of huggingface_hub."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import RunError
from index.registry import SourceError

if TYPE_CHECKING:
    from index.weights import HubFile

_OTHER_FORMATS = ["onnx/*", "openvino/*", "*.onnx", "*.h5", "*.msgpack", "*.gguf", "*.ot"]


def fetch_hub_files(repository: str, revision: str, files: "Sequence[HubFile]", folder: Path) -> None:
    """Fetch files of a model from the hub; an interrupted transfer is resumed by the hub's client.

    Raises:
        SourceError: the hub cannot be reached or does not have them.
        OSError: the disk is full or not writable.
    """
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # the client's own, renamed in version 2

    wanted = "the model"
    try:
        # Asked first because it fails at once; a download tries again for 20 s and says so each time.
        HfApi().model_info(repository, revision=revision, timeout=10)
        for file in files:
            wanted = file.name
            hf_hub_download(repository, file.name, revision=revision, local_dir=folder)
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.TransportError) as error:
        raise SourceError("no connection") from error
    except (HfHubHTTPError, KeyError, ValueError, RuntimeError) as error:
        # KeyError, ValueError: an answer that is not the hub's. RuntimeError: its transfer library gives up.
        raise SourceError(f"it does not deliver {wanted} of {repository}") from error


def fetch_snapshot(repository: str, revision: str, cache: Path) -> Path:
    """Fetch a whole model folder from the hub, once; afterwards no network is used.

    Args:
        repository: "owner/model".
        revision: commit, branch or tag; "" is the branch that the hub shows.
        cache: folder of the weights cache.

    Returns:
        The folder; its name is the commit.

    Raises:
        RunError: the hub cannot be reached or does not have the model, or the disk is full.
    """
    # Written when the snapshot is complete; the hub's client cannot tell a half-fetched one offline.
    record = cache / "hub" / f"{repository.replace('/', '--')}@{(revision or 'main').replace('/', '--')}.txt"
    if record.is_file() and (known := Path(record.read_text(encoding="utf-8"))).is_dir():
        return known
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # the client's own, renamed in version 2

    advice = "give a folder that holds the model, or a name of the catalogue"
    try:
        folder = snapshot_download(
            repository, revision=revision or None, cache_dir=cache / "hub", ignore_patterns=_OTHER_FORMATS
        )
        record.write_text(folder, encoding="utf-8")
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx.TransportError) as error:
        raise RunError(f"cannot fetch {repository}: the model hub is not reachable; {advice}") from error
    except (HfHubHTTPError, KeyError, ValueError, RuntimeError) as error:
        raise RunError(
            f"cannot fetch {repository}: the model hub has no such model or revision, or refuses it; {advice}"
        ) from error
    except OSError as error:
        raise RunError(f"cannot store {repository} in {cache}: {error.strerror or error}") from error
    return Path(folder)
