"""What a benchmark ran on."""

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Describe the machine, and how busy it is: to be called before anything is measured."""
    try:
        names = [x.partition(":")[2].strip() for x in Path("/proc/cpuinfo").read_text().splitlines()
                 if x.startswith("model name")]  # fmt: skip
    except OSError:
        names = []
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load before": round(os.getloadavg()[0], 1),
    }
