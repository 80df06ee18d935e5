"""Which number format is faster for the embedding model on this CPU: measured once, noted in the cache."""

import json
import os
import platform
from contextlib import suppress
from pathlib import Path

DTYPES = ("bfloat16", "float32")


class DtypeRecord:
    """Remembers which precision was faster, by CPU and `model`, which names the library's version, too."""

    def __init__(self, cache: Path, model: str) -> None:
        self._file = cache / "dtype.json"
        self._key = f"{_cpu()}; {model}"

    def read(self) -> str | None:
        """The faster precision; None where it was never measured."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            dtype = json.loads(self._file.read_text(encoding="utf-8"))[self._key]["dtype"]
            return dtype if dtype in DTYPES else None
        return None

    def write(self, dtype: str, timings: dict[str, float]) -> None:
        """Remember the faster precision, and the seconds that each took."""
        records: dict[str, object] = {}
        with suppress(OSError, ValueError):
            records = json.loads(self._file.read_text(encoding="utf-8"))
        records[self._key] = {"dtype": dtype} | {name: round(seconds, 4) for name, seconds in timings.items()}
        temporary = self._file.with_name(f"dtype.{os.getpid()}.json")
        with suppress(OSError):  # a cache that cannot be written only costs measuring again
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")
            temporary.replace(self._file)


def _cpu() -> str:
    """Model of the CPU with the instructions that matter here; virtual machines often hide the model."""
    lines = {}
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        lines = dict([part.strip() for part in line.split(":", 1)] for line in text.splitlines() if ":" in line)
    flags = sorted(
        {"amx_bf16", "avx512_bf16", "avx512f", "avx2", "bf16"}
        & set(lines.get("flags", lines.get("Features", "")).split())
    )
    return f"{lines.get('model name', platform.machine())} ({' '.join(flags)})"
