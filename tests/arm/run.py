"""The kernel on 64-bit Arm, under an emulator, against this processor's: the same numbers to the bit.

    python tests/arm/run.py

Emulated are a processor with products of mixed signs (i8mm), one with dot products alone, and one with neither. It needs a
Debian with gcc-aarch64-linux-gnu, qemu-user and mmdebstrap. A Debian for Arm, with Python and the packages that translating
takes, is downloaded to build/arm.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "arm"
SYSTEM, PACKAGES, TREE = BUILD / "system", BUILD / "packages", BUILD / "tree"
COMPILER, EMULATOR, INSTALLER = "aarch64-linux-gnu-gcc", "qemu-aarch64", "mmdebstrap"
NEEDED = {COMPILER: "gcc-aarch64-linux-gnu", EMULATOR: "qemu-user", INSTALLER: "mmdebstrap"}
PROCESSORS = {
    "max": ["i8mm", "dotprod", "portable"],
    "neoverse-n1": ["dotprod", "portable"],
    "cortex-a72": ["portable"],
}
"""Of each processor that the emulator can be, the instruction sets that it has."""
MODEL = ROOT / "checkpoints" / "broad-de-en-fast"
TEXT = """\
Guten Morgen!
Der Bahnhof ist seit gestern geschlossen, weil an den Gleisen gebaut wird.
Könnten Sie mir bitte bis Freitag, den 3. Mai, ein Angebot über 1.250 Euro schicken?
Nein.
Nachdem wir drei Stunden lang auf den Bus gewartet hatten, gingen wir schließlich zu Fuß nach Hause.
"""


def main() -> None:
    missing = [package for program, package in NEEDED.items() if shutil.which(program) is None]
    if missing:
        sys.exit(f"tests/arm/run.py: error: {', '.join(missing)} is not installed: apt-get install {' '.join(missing)}")
    BUILD.mkdir(parents=True, exist_ok=True)
    if not SYSTEM.exists():
        install_system()
    python = next(path for path in SYSTEM.glob("usr/bin/python3.*") if path.name[-1].isdigit())
    install_packages(python.name.removeprefix("python"))
    compile_kernel(python.name)
    text = BUILD / "text.de"
    text.write_text(TEXT, encoding="utf-8")
    own = fingerprints([sys.executable], ROOT, text)
    expected = next(iter(own.values()))
    wrong = [name for name, found in own.items() if found != expected]
    for processor, names in PROCESSORS.items():
        emulated = [EMULATOR, "-cpu", processor, "-L", str(SYSTEM), str(python)]
        theirs = fingerprints(emulated, TREE, text)
        if list(theirs) != names:
            wrong.append(f"{processor} has {', '.join(theirs)} in place of {', '.join(names)}")
        wrong += [f"{name} on {processor}" for name, found in theirs.items() if found != expected]
        print(f"{processor}: {', '.join(theirs)}")
    if wrong:
        sys.exit(f"tests/arm/run.py: error: other numbers than {next(iter(own))} has here: {'; '.join(wrong)}")
    print("the same numbers to the bit")


def install_system() -> None:
    codename = next(
        line.partition("=")[2]
        for line in Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
        if line.startswith("VERSION_CODENAME=")
    )
    unfinished = SYSTEM.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    packages = "python3,libpython3-dev,libstdc++6,libgomp1"
    run([INSTALLER, "--quiet", "--arch=arm64", "--variant=extract", f"--include={packages}", codename, str(unfinished)])
    unfinished.rename(SYSTEM)


def install_packages(version: str) -> None:
    """What translating takes, for Python `version` on Arm."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [name for name in project["dependencies"] if not name.startswith("torch")]
    wheels = BUILD / "wheels"
    platforms = [f"--platform=manylinux{form}_aarch64" for form in ("2014", "_2_17", "_2_28")]
    target = ["--only-binary=:all:", *platforms, "--python-version", version, "--implementation", "cp"]
    kinds = ["--abi", f"cp{version.replace('.', '')}", "--abi", "abi3", "--abi", "none"]
    run([sys.executable, "-m", "pip", "download", "--quiet", "--quiet", *target, *kinds, "--dest", str(wheels), *wanted])
    shutil.rmtree(PACKAGES, ignore_errors=True)
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(PACKAGES)


def compile_kernel(python: str) -> None:
    """Of this checkout, whose copy it is put into, by the flags of pyproject.toml."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    [module] = settings["ext-modules"]
    shutil.rmtree(TREE, ignore_errors=True)
    shutil.copytree(ROOT / "nmt", TREE / "nmt", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    headers = [f"-I{SYSTEM / 'usr/include' / python}", f"-I{SYSTEM / 'usr/include'}"]
    output = TREE / "nmt" / "runtime" / "_kernel.abi3.so"
    sources = [str(ROOT / source) for source in module["sources"]]
    run([COMPILER, "-shared", "-fPIC", *module["extra-compile-args"], *headers, *sources, "-o", str(output), "-lm"])


def fingerprints(python: list[str], tree: Path, text: Path) -> dict[str, dict[str, str]]:
    paths = os.pathsep.join(map(str, (tree, PACKAGES) if tree == TREE else (tree,)))
    done = run([*python, str(HERE / "fingerprints.py"), str(MODEL), str(text)], PYTHONPATH=paths)
    found: dict[str, dict[str, str]] = json.loads(done)
    return found


def run(command: list[str], **variables: str) -> str:
    done = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"} | variables, cwd=BUILD, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        sys.exit(f"tests/arm/run.py: error: {command[0]} ended with status {done.returncode}")
    return done.stdout


if __name__ == "__main__":
    main()
