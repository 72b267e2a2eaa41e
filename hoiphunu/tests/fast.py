"""What tests and proofs use instead of the product's own, because they wait for it often."""

QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
