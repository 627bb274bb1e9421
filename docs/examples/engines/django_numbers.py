"""Django tasks on the database of a Django project: ``django.tasks`` from Django 6 on, ``django-tasks`` before.

Once: ``django-admin migrate``; work: ``django-admin db_worker``; from cron every minute:
``python django_numbers.py recover``; submit: ``python django_numbers.py submit orders.csv spring``. All of it with
``DJANGO_SETTINGS_MODULE=django_settings``.
"""

from __future__ import annotations

import sys

import django
from program import phone

from anycarrier import jobs

if __name__ == "__main__":
    django.setup()

if django.VERSION >= (6,):
    from django.tasks import task
else:
    from django_tasks import task


@task()
def fill(item_ids: list[str]) -> None:
    """Work on a chunk; again is right."""
    phone().run(jobs.fill(item_ids))


def main(command: str, *arguments: str) -> None:
    if command == "submit":
        from django_numbers import fill  # by the name under which the workers find it
        from program import submit

        for chunk in submit(*arguments):
            fill.enqueue(chunk)
    else:
        phone().recover(deadline=50)


if __name__ == "__main__":
    main(*sys.argv[1:])
