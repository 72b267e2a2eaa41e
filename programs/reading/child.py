"""The child process that reads an uploaded paper: JSON in as one argument, JSON out.

Started by `intake.read_apart` by its path, isolated; also `python -m programs.reading.child`.
The limits are set before anything that reads the file is imported.
"""

import json
import sys
import types
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def main(argument):
    """Prints {"document": …} or {"error": "a Vietnamese sentence"}; may well die instead."""
    wanted = json.loads(argument)
    open_project()
    from hoiphunu.read_workbook import set_limits

    set_limits(wanted["seconds"])
    from programs.reading.document import ReadingError, to_plain
    from programs.reading.intake import read_document

    try:
        content = Path(wanted["path"]).read_bytes()
        answer = {"document": to_plain(read_document(content, wanted["name"]))}
    except ReadingError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer))


def open_project():
    """Its modules can be imported, but `hoiphunu` as a bare folder: its own start is Celery."""
    sys.path.insert(0, str(PROJECT))
    bare = types.ModuleType("hoiphunu")
    bare.__path__ = [str(PROJECT / "hoiphunu")]
    sys.modules.setdefault("hoiphunu", bare)


if __name__ == "__main__":
    main(sys.argv[1])
