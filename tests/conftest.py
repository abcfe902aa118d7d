"""Settings of all tests."""

from hypothesis import HealthCheck, settings

# A machine that does other work beside the tests must not fail them by being slow.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
