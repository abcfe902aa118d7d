"""The packages of an installation, which pyproject.toml cannot say: in a checkout the service lies beside `nmt`, and an
installed one is `nmt.service`, so that no other package of the name `service` is in its way. Its modules import each other
by relative names, and so are the same files in both places. An editable installation is the checkout.
"""

import sys

from setuptools import find_namespace_packages, setup

own, service = (find_namespace_packages(include=[name, f"{name}.*"]) for name in ("nmt", "service"))
if "editable_wheel" in sys.argv:
    setup(packages=own + service, package_dir={"": "."})
else:
    setup(packages=own + [f"nmt.{package}" for package in service], package_dir={"": ".", "nmt.service": "service"})
