from hypothesis import settings

# A busy machine is not a wrong answer, so no example is failed for being slow.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
