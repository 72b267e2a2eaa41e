from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class CompressedStorage(CompressedManifestStaticFilesStorage):
    """Hashed and gzipped files. Brotli is left out: it made collectstatic ten times slower."""

    def create_compressor(self, **kwargs):
        return Compressor(**kwargs | {"use_brotli": False})
