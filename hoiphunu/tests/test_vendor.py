import hashlib
import json
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
VENDOR = STATIC / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.json").read_text())["packages"]


def present_files():
    return {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "vendor.json"
    }


def listed_files():
    return {f"{package['folder']}/{name}" for package in PACKAGES for name in package["files"]}


def names(package):
    return package["name"]


@pytest.mark.parametrize("package", PACKAGES, ids=names)
def test_vendored_files_are_those_that_were_published(package):
    folder = VENDOR / package["folder"]

    hashes = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in package["files"]
    }

    assert hashes == package["files"]


@pytest.mark.parametrize("package", PACKAGES, ids=names)
def test_every_vendored_package_brings_its_licence(package):
    licence = (VENDOR / package["folder"] / "LICENSE").read_text()

    assert package["licence"] in {"MIT", "OFL-1.1"}
    assert "Copyright" in licence or "(c)" in licence


def test_nothing_stands_in_the_vendor_folder_without_being_listed():
    assert present_files() == listed_files()


def test_no_vendored_file_points_at_a_source_map_that_is_not_shipped():
    pointing = {
        path.name
        for path in VENDOR.rglob("*")
        if path.suffix in {".css", ".js"} and b"sourceMappingURL" in path.read_bytes()
    }

    assert pointing == set()


@pytest.mark.parametrize("sheet", sorted((STATIC / "css").glob("*.css")), ids=lambda p: p.name)
def test_our_style_sheets_point_only_at_files_of_our_own(sheet):
    targets = re.findall(r"url\(\"?([^\")]+)\"?\)", sheet.read_text())

    missing = {target for target in targets if not (sheet.parent / target).is_file()}

    assert missing == set()
