#!/usr/bin/env python
"""Django's command line for hoiphunu."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hoiphunu.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Settings are incomplete / Cấu hình còn thiếu (.env.example): {error}")


if __name__ == "__main__":
    main()
