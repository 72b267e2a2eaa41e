"""Pages of programmes; urls.py names each with its module."""
