import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hoiphunu.settings")

application = get_wsgi_application()

# What has been loaded stays until the end. Unless it is set aside, Python looks through all of it
# for garbage again and again: a third of the time of a page of 5,000 sums.
gc.collect()
gc.freeze()
