"""A country of reports, written by the database itself: what `country.py` measures.

34 provinces and 3,321 communes of real proportions, any number of chi hội, a form of 30 lines,
months in which everybody below the top has handed in but for one in fifty. Ids, paths and figures
follow from the seed alone, so the same options give the same rows on both databases.
"""

from datetime import UTC, date, datetime, timedelta

SEED = 3
PROVINCES, COMMUNES = 34, 3_321
LINES = 30
STANDING = 10  # of the lines: what stands at a moment; the others happen in the month
FIRST_COMMUNE = 2 + PROVINCES  # the ids of units follow one another, level by level
LARGEST = 1 + PROVINCES  # the last province
SILENT = 50  # one unit in so many has not handed in
OPENED = date(2016, 1, 1)

# Small tables of numbers, for both databases.
NUMBERS = "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < %s) "


def plant(connection, chi_hoi):
    """The tree; gives back the top. Chi hội are spread over the communes in turn."""
    from branches.models import Branch, Level
    from hoiphunu.bulk import run

    levels = {level.code: level.pk for level in Level.objects.all()}
    columns = (
        "id, level_id, parent_id, path, slug, type, name, distinction, code, kind, opened_on,"
        " search_text, exact_text, sort_key"
    )

    def grow(count, first, level, parent, type, word):
        """`count` units with ids from `first` on below those that the SQL `parent` names."""
        run(
            f"INSERT INTO branches_branch ({columns}) {NUMBERS}"
            f"SELECT {first - 1} + n, {levels[level]}, parent.id,"
            f" parent.path || CAST({first - 1} + n AS text) || '/', 'u' || CAST({first - 1} + n"
            f" AS text), '{type}', '{word} ' || CAST(n AS text), '', '', 'ordinary', '{OPENED}',"
            f" '{word} ' || CAST(n AS text), '{word} ' || CAST(n AS text),"
            f" '{word} ' || CAST(n AS text)"
            f" FROM number JOIN branches_branch parent ON parent.id = {parent}",
            [count],
        )

    top = Branch(
        pk=1, level_id=levels["trung_uong"], path="/1/", slug="u1", name="Việt Nam",
        type="Trung ương Hội LHPN", opened_on=OPENED,
    )  # fmt: skip
    top.fill_keys()
    Branch.objects.bulk_create([top])
    grow(PROVINCES, 2, "tinh", "1", "tỉnh", "Tỉnh")
    # From 34 to 168 communes a province, much as it is.
    grow(COMMUNES, FIRST_COMMUNE, "xa", place_of_commune(), "xã", "Xã")
    first = FIRST_COMMUNE + COMMUNES
    grow(
        chi_hoi, first, "chi_hoi", f"{FIRST_COMMUNE} + (n - 1) %% {COMMUNES}", "chi hội", "Chi hội"
    )
    run(
        "INSERT INTO branches_branchspan (branch_id, type, name, code, parent_id, starts_on)"
        " SELECT id, type, name, code, parent_id, opened_on FROM branches_branch"
    )
    return top


def sizes():
    """Communes of each province, together COMMUNES: the largest has 168, the smallest 34."""
    found = [38 + round(130 * (n / (PROVINCES - 1)) ** 1.18) for n in range(PROVINCES)]
    found[0] += COMMUNES - sum(found)
    return found


def place_of_commune():
    """SQL: the province's id of commune number n."""
    words, upto = [], 0
    for province, size in enumerate(sizes(), start=2):
        upto += size
        words.append(f"WHEN n <= {upto} THEN {province}")
    return f"CASE {' '.join(words)} END"


def ask_for(top):
    """A form of LINES lines for every level below the top."""
    from branches.models import Level
    from programs.models import Indicator
    from reports.models import ReportForm
    from reports.services import ask_indicators

    form = ReportForm.objects.create(code="thang", name="Báo cáo tháng", owner=top)
    form.levels.set(Level.objects.filter(code__in=["tinh", "xa", "chi_hoi"]))
    asked = [
        Indicator.objects.create(
            code=f"chi-tieu-{number}", name=f"Chỉ tiêu {number}", unit="", value_type="whole",
            aggregation="stock" if number <= STANDING else "flow",
        )
        for number in range(1, LINES + 1)
    ]  # fmt: skip
    ask_indicators(form, [("Số liệu", asked)])
    return form


def fill_month(form, month):
    """The month's reports and figures: one unit in SILENT has not begun, the next one waits for
    its reviewer, all others are approved. Gives back the period."""
    from hoiphunu.bulk import run, stored
    from reports.models import Period

    starts = date(2026, month, 1)
    ends = date(2026, month + 1, 1) - timedelta(days=1) if month < 12 else date(2026, 12, 31)
    period = Period.objects.create(
        form=form, form_version=form.newest, code=f"2026-{month:02}", year=2026,
        label=f"Tháng {month}/2026",
        starts_on=starts, ends_on=ends, cut_off_on=ends,
    )  # fmt: skip
    handed_in = f"CASE WHEN id %% {SILENT} <> 0 THEN %s END"
    run(
        "INSERT INTO reports_report (period_id, branch_id, branch_path, reviewer_branch_id, due_on,"
        " status, nothing_to_report, results, difficulties, proposals, next_plans,"
        " first_submitted_on, first_submitted_at, version)"
        f" SELECT %s, id, path, parent_id, %s, CASE id %% {SILENT} WHEN 0 THEN 'not_begun'"
        " WHEN 1 THEN 'submitted' ELSE 'approved' END, FALSE, '', '', '', '',"
        f" {handed_in}, {handed_in}, 3"
        " FROM branches_branch WHERE parent_id IS NOT NULL ORDER BY path",
        [
            period.pk,
            stored(starts.replace(day=20)),
            stored(starts.replace(day=18)),
            stored(datetime(2026, month, 18, 2, tzinfo=UTC)),
        ],
    )
    run(
        "INSERT INTO reports_figure (report_id, indicator_id, value, is_nothing)"
        " SELECT report.id, line.indicator_id,"
        f" (report.branch_id * 7919 + line.indicator_id * 31 + {month} * 104729) %% 1000, FALSE"
        " FROM reports_report report CROSS JOIN reports_formline line"
        " WHERE report.period_id = %s AND line.version_id = %s"
        f" AND report.branch_id %% {SILENT} <> 0"
        " ORDER BY report.id",
        [period.pk, period.form_version_id],
    )
    return period


def figures_of(period):
    from reports.models import Figure

    return Figure.objects.filter(report__period=period).count()


def uproot():
    """Nothing is left but what the migrations wrote, which is no row of reports."""
    from django.apps import apps
    from django.db import transaction

    from hoiphunu.bulk import run

    models = apps.get_app_config("reports").get_models(include_auto_created=True)
    with transaction.atomic():  # keys are looked at when all are gone
        for table in (
            *(model._meta.db_table for model in models),
            "programs_historicalindicator", "programs_indicator", "branches_historicaluser",
            "branches_user", "branches_branchspan", "branches_branch",
        ):  # fmt: skip
            run(f"DELETE FROM {table}")
