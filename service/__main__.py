"""`python -m service`: run the service with the settings of the environment."""

from __future__ import annotations

import sys

from nmt.config.process import limit_primitive_cache
from nmt.errors import NmtError
from service.app import serve
from service.settings import read_settings


def main() -> int:
    limit_primitive_cache()
    try:
        serve(read_settings({}))
    except NmtError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
