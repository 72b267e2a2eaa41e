"""Refresh static/vendor/ from the npm packages named here: `make vendor`.

Needs npm and the network; the site itself needs neither, for the files are kept in the
repository. `static/vendor/vendor.json` records what came from where.
"""

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

# A map file is not shipped, and hashed static storage refuses a reference to a missing file.
SOURCE_MAP = re.compile(rb"\n?(/\*# sourceMappingURL=\S+ \*/|//# sourceMappingURL=\S+)\s*\Z")


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]  # path inside the package -> name in our folder


def font_files():
    """The weights the pages use, in the subsets that Vietnamese text needs."""
    return {
        f"files/be-vietnam-pro-{subset}-{weight}-normal.woff2": f"{subset}-{weight}.woff2"
        for subset in ("vietnamese", "latin-ext", "latin")
        for weight in (400, 500, 600, 700)
    }


PACKAGES = [
    Package(
        name="bootstrap",
        version="5.3.9",
        licence="MIT",
        folder="bootstrap",
        files={
            "LICENSE": "LICENSE",
            "dist/css/bootstrap.min.css": "bootstrap.min.css",
            "dist/js/bootstrap.bundle.min.js": "bootstrap.bundle.min.js",
        },
    ),
    Package(
        name="chart.js",
        version="4.6.1",
        licence="MIT",
        folder="chartjs",
        files={"LICENSE.md": "LICENSE", "dist/chart.umd.min.js": "chart.umd.min.js"},
    ),
    Package(
        name="@fontsource/be-vietnam-pro",
        version="5.3.0",
        licence="OFL-1.1",
        folder="be-vietnam-pro",
        files={"LICENSE": "LICENSE"} | font_files(),
    ),
]


def download(package, into):
    """The package's archive, fetched and checked by npm itself."""
    command = ["npm", "pack", f"{package.name}@{package.version}", "--silent"]
    subprocess.run([*command, "--pack-destination", str(into)], check=True)
    (archive,) = into.glob("*.tgz")
    return archive


def unpack(package, archive):
    """Copy the wanted files into the package's folder, emptied first."""
    folder = VENDOR / package.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(archive) as tar:
        for source, target in package.files.items():
            content = tar.extractfile(f"package/{source}").read()
            (folder / target).write_bytes(without_source_map(target, content))


def without_source_map(name, content):
    return SOURCE_MAP.sub(b"\n", content) if name.endswith((".css", ".js")) else content


def entry(package):
    """What vendor.json says of a package."""
    paths = (VENDOR / package.folder / name for name in sorted(package.files.values()))
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "folder": package.folder,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths},
    }


def main():
    for package in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            unpack(package, download(package, Path(folder)))
    text = json.dumps({"packages": [entry(package) for package in PACKAGES]}, indent=2)
    (VENDOR / "vendor.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
