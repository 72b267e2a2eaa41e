"""Freezing a summary: its figures and words as they stand, for the paper that is signed.

A service of its own, for the life of reports calls it and it calls none of that.
"""

import json
from hashlib import sha256

from django.db import transaction

from ..binding import bind, names_of
from ..gathering import texts_with, to_sign
from ..models import FrozenSummary, Report, Summary, SummaryParagraph
from ..rollup import content_of, lines_of, owed_below


def hold(period, branch):
    """The unit's summary, made if need be, and held so that nobody else writes in it meanwhile."""
    Summary.objects.get_or_create(period=period, branch=branch)
    return Summary.objects.select_for_update(of=("self",)).get(period=period, branch=branch)


def freeze_with(event):
    """The summary of the unit that has just submitted its report; None of one that has nobody
    below it to sum up."""
    report = event.report
    if not owed_below(report.period, report.branch):
        return None
    return freeze(report.period, report.branch, by=event.by, at=event.at, event=event)


@transaction.atomic
def freeze(period, branch, *, by, at, event=None):
    """Keep what stands now; without `event` the same again by the same person is the first one.

    Nobody edits the summary meanwhile, and who submits holds her report, so words and own figures
    are of one moment. What is below is read by several questions, of how many units, who is
    missing, the sums: an approval that falls between them may be in one and not yet in another.
    """
    hold(period, branch)
    content = standing_content(period, branch)
    digest = digest_of(content)
    last = FrozenSummary.objects.filter(period=period, branch=branch).first()
    if event is None and last and (last.event_id, last.by_id, last.digest) == (None, by.pk, digest):
        return last  # a button pressed twice
    return FrozenSummary.objects.create(
        period=period,
        branch=branch,
        event=event,
        by=by,
        at=at,
        content=content,
        digest=digest,
    )


def digest_of(content):
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def standing_content(period, branch):
    """What would be frozen now; numbers bound to the table stand in the text."""
    lines = lines_of(period, branch)
    names = names_of(lines)
    words = [(row[0], bind(row[1], names)[0], *row[2:]) for row in kept_words(period, branch)]
    return content_of(period, branch, texts_with(words), lines)


def kept_words(period, branch):
    """(heading, text, unit, report id, id of a frozen summary) of what is signed: `to_sign`. Where
    nobody has gathered, that is the unit's own report alone: the words of others are nobody's
    until somebody has read them."""
    rows = SummaryParagraph.objects.filter(summary__period=period, summary__branch=branch)
    rows = rows.select_related("source__branch__level", "frozen__branch__level")
    return [
        (row.heading, row.text, unit_of(row, branch).office_name, row.source_id, row.frozen_id)
        for row in to_sign(list(rows.order_by("position")), own_report(period, branch))
    ]


def own_report(period, branch):
    reports = Report.objects.owed().filter(period=period, branch=branch)
    return reports.select_related("branch__level").first()


def unit_of(paragraph, branch):
    """Whose words a SummaryParagraph of `branch` holds."""
    source = paragraph.source or paragraph.frozen
    return source.branch if source else branch
