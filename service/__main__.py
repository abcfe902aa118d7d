"""`python -m service`: run the service with the settings of the environment."""

from __future__ import annotations

import sys


def main() -> int:
    try:
        # Imported here, so that Ctrl-C and a damaged kernel end in a line from the first moment on.
        from nmt.config.process import limit_primitive_cache
        from nmt.errors import NmtError, one_line

        limit_primitive_cache()
        from .app import serve
        from .settings import read_settings

        try:
            serve(read_settings({}))
        except NmtError as error:
            print(f"error: {one_line(str(error))}", file=sys.stderr)
            return 2
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
