"""The package that people install is whole, and nothing in the tree hides that it is not."""

import os
import runpy
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from goldleaf.core.records import Demonstration, Turn
from goldleaf.core.records_jsonl import to_line

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FOLDERS = PYPROJECT["tool"]["setuptools"]["package-dir"]
ROOMS = {name: folder for name, folder in FOLDERS.items() if name != "goldleaf"}


def folders_with_code():
    yield "goldleaf"
    for import_name, folder in ROOMS.items():
        for file in sorted((ROOT / folder).rglob("*.py")):
            inside = file.parent.relative_to(ROOT / folder).parts
            yield ".".join((import_name, *inside))


def test_the_list_of_packages_names_every_folder_with_code():
    found = runpy.run_path(str(ROOT / "setup.py"), run_name="setup")["packages"]()
    assert sorted(found) == sorted(set(folders_with_code()))


def test_a_new_folder_of_code_is_a_package_without_being_listed(tmp_path):
    """So that a trainer, a kind or a folder of rules touches no file but its own."""
    for file in ("setup.py", "pyproject.toml"):
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    (tmp_path / "trainers" / "new").mkdir(parents=True)
    for folder in ("trainers", "trainers/new"):
        (tmp_path / folder / "__init__.py").touch()
    found = runpy.run_path(str(tmp_path / "setup.py"), run_name="setup")["packages"]()
    assert {"goldleaf.trainers", "goldleaf.trainers.new"} <= set(found)


def test_every_package_is_a_regular_one():
    for folder in {file.parent for room in ROOMS.values() for file in (ROOT / room).rglob("*.py")}:
        assert (folder / "__init__.py").exists(), folder


def test_every_room_has_its_link_in_the_root_package_and_its_door_sign():
    links = {path.name for path in (ROOT / "goldleaf").iterdir() if path.is_symlink()}
    assert links == set(ROOMS.values())
    for name, room in ROOMS.items():
        assert name == f"goldleaf.{room}"
        assert (ROOT / "goldleaf" / room).resolve() == (ROOT / room).resolve()
        assert (ROOT / room / "README.md").read_text(encoding="utf-8").startswith("> **")
        assert (ROOT / room / "py.typed").exists()


def test_a_bare_import_of_a_room_is_banned():
    banned = PYPROJECT["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    assert set(banned) == set(ROOMS.values())


def test_modules_stay_one_thought():
    for room in FOLDERS.values():
        for file in (ROOT / room).rglob("*.py"):
            assert len(file.read_text(encoding="utf-8").splitlines()) <= 350, file
            assert file.stem not in {"utils", "helpers", "manager", "base", "common", "misc"}, file


def test_constraints_hold_every_floor():
    from packaging.requirements import Requirement
    from packaging.version import Version

    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            pinned[name.lower().replace("_", "-")] = Version(version)
    project = PYPROJECT["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    for requirement in map(Requirement, wanted):
        if requirement.name != "goldleaf":
            name = requirement.name.lower().replace("_", "-")
            assert name in pinned, f"{name} has no tested version"
            assert requirement.specifier.contains(pinned[name]), requirement


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    tracked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    for name in filter(None, tracked):
        if (ROOT / name).is_file() and not (ROOT / name).is_symlink():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_a_room_reads(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name, folder in FOLDERS.items():
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                place = file.relative_to(ROOT / folder).as_posix()
                assert f"{name.replace('.', '/')}/{place}" in inside, file
    assert all(name.startswith("goldleaf") for name in inside)


def test_the_wheel_runs_where_there_is_no_checkout(wheel, tmp_path):
    """A clean environment that sees our dependencies but not our editable install."""
    venv.create(tmp_path / "clean", symlinks=True, with_pip=True)
    python = tmp_path / "clean" / "bin" / "python"
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-q"]
    subprocess.run([*pip, "install", "--no-deps", str(wheel)], check=True)
    site = Path(
        subprocess.run(
            [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    ours = Path(sys.modules["pytest"].__file__ or "").parent.parent
    # A path file that is read last: the wheel comes first, and no .pth of ours is obeyed.
    (site / "zz.pth").write_text(f"import sys; sys.path.append({str(ours)!r})\n")
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    command = tmp_path / "clean" / "bin" / "goldleaf"
    records = tmp_path / "records.jsonl"
    record = Demonstration((Turn("user", "Hello?"),), (Turn("assistant", "Hello."),))
    records.write_bytes(to_line(record) + b"\n")
    for arguments in (
        *(["--help"], ["--version"], ["kinds"], ["kinds", "preference", "--config"]),
        *(["rules"], ["export", str(records), "--out", str(tmp_path / "out")]),
    ):
        done = subprocess.run(
            [str(command), *arguments],
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout
    where = subprocess.run(
        [str(python), "-c", "import goldleaf, goldleaf.core.records as r; print(r.__file__)"],
        cwd="/",
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(tmp_path) in where.stdout
