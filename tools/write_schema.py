"""Write the JSON Schema of a trace document, as the models are now, beside the others.

    python tools/write_schema.py [--unreleased]

A published schema is not changed: when the models differ, raise `SCHEMA_VERSION` first. With
--unreleased the file of a version that no release has yet is written anew.
"""

import json
import sys
from pathlib import Path
from typing import Final

from headertls.report.schema import build_schema, name_schema

FOLDER: Final = Path(__file__).parents[1] / "src" / "headertls" / "report" / "data"


def main(*, may_replace: bool) -> int:
    """Write the file, unless that would change a published one."""
    text = json.dumps(build_schema(), indent=2) + "\n"
    path = FOLDER / name_schema()
    if path.exists() and path.read_text(encoding="utf-8") != text and not may_replace:
        print(f"{path.name} is published: raise SCHEMA_VERSION in models/traces.py first")
        return 1
    FOLDER.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(may_replace="--unreleased" in sys.argv[1:]))
