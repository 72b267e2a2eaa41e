"""The plan reader against its answer keys: what it proposes on the page, paper by paper.

    python proofs/reading.py                    all papers; docs/proofs/reading.json
    python proofs/reading.py --brief            the table only; nothing is written
    python proofs/reading.py hoc_mon_2021 …     these papers only; nothing is written

Scored are the rows that an officer sees (programs/tests/reading_scores.py), with period and
qualifier of each number, and that each row's sentence stands in the paper. The five seeds are read
as text, as .docx and two as .pdf; then their places are looked for in the country of 30/6/2025 and
again after 1/7/2025, under names that are former ones by then.

What a paper scores today says how well the rules know it; how well they read a new one is said
by its score at first sight, before any rule was changed for it (found of asked, wrong):

    with the rules made for the seeds   an_giang 34/42, 4; bac_giang 53/53, 1; can_tho 40/41, 1;
                                        dong_thap 53/59, 3; ha_giang 63/64, 2; soc_trang 48/60, 6
    kept aside, looked at once          kien_giang 60/60, 1; quang_tri 42/42, 0; yen_bai 51/51, 0
    written after the rules             long_an 34/37, 3; thanh_hoa 37/50, 9; ca_mau 35/39, 5;
                                        dak_nong 31/50, 4
    rows of the page, not yet place,    lang_son 20/24, 2; vinh_phuc 36/49, 5
    signing and recipients
    rows of the page, all of them       quang_ninh 33/40, 3

The lines above the last count facts of the rules, without periods and qualifiers. Counted as rows
of the page these came to, before anything was mended: phu_yen 19/38, 18 wrong; long_an 6/34, 28
wrong (every figure was given a wrong year).

Exit status 1 when a seed is under 95 %, a further paper under 80 %, a row has no source, or a
place of a seed is not found.
"""

import json
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT / "benchmarks"), str(PROJECT), str(PROJECT / "proofs")]

from scratch import arguments, commit, scratch_database  # noqa: E402

SEED_AT_LEAST, FURTHER_AT_LEAST = 0.95, 0.80


def main():
    parser = arguments(__doc__)
    parser.add_argument("papers", nargs="*", help="these papers only")
    parser.add_argument("--brief", action="store_true", help="the table only")
    options = parser.parse_args()
    with scratch_database(options.database) as connection:
        return prove(options, connection.vendor)


def prove(options, vendor):
    from programs.tests import reading_scores as scores

    rows = [row for row in papers(scores) if not options.papers or row[0] in options.papers]
    print(f"{'paper':34}{'asked':>6}{'found':>6}{'missed':>7}{'wrong':>6}{'share':>8}  no source")
    for name, form, _, score in rows:
        print(
            f"{name + ' ' + form:34}{score.asked:6}{score.found:6}{len(score.missed):7}"
            f"{len(score.wrong):6}{score.share:8.1%}  {len(score.without_source)}"
        )
    holds = all(row[3].share >= row[2] and not row[3].without_source for row in rows)
    if options.brief:
        return 0 if holds else 1
    for name, form, _, score in rows:
        print_lists(f"{name} {form}", score, scores.shown)
    if options.papers:
        return 0 if holds else 1
    places = match_places(scores)
    for row in places:
        print(f"{row['words']:44} 30/6/2025: {row['then'] or '–':40} 1/7/2025: {row['now'] or '–'}")
    lost = [row for row in places if not (row["then"] and row["now"])]
    write(rows, places, vendor, scores.shown)
    print(f"{len(rows)} readings, {len(places)} places, {len(lost)} not found.")
    return 0 if holds and not lost else 1


def papers(scores):
    """(name, form, the least share, its score)."""
    for name in scores.SEEDS:
        for form in ("text", "docx"):
            yield name, form, SEED_AT_LEAST, scores.score_seed(name, form)
    for name in scores.PDFS:
        yield name, "pdf", SEED_AT_LEAST, scores.score_pdf(name)
    for name in scores.FURTHER:
        yield name, "", FURTHER_AT_LEAST, scores.score_further(name)


def print_lists(title, score, shown):
    if score.missed or score.wrong or score.without_source:
        print(f"\n== {title}")
    for kind, line in score.missed:
        print(f"  missed  {kind}: {line}")
    for row in score.wrong:
        print(f"  wrong   {shown(row)}")
    for row in score.without_source:
        print(f"  no source  {shown(row)}")


def match_places(scores):
    """The places that the seeds name, found in the country before and after the reform."""
    from datetime import date

    from django.conf import settings
    from reorganisation import carry_out, draft, load_country

    from branches.models import Branch, Position, User
    from programs.queries.named_units import NamedUnits

    settings.CELERY_TASK_ALWAYS_EAGER = True
    load_country()
    top = Branch.objects.get(parent=None)
    by = User.objects.create_user("quantri", full_name="Quản trị")
    Position.objects.create(user=by, branch=top, role="administrator", started_on=date(2020, 1, 1))
    rows = [{"paper": name, "words": words} for name in scores.SEEDS for words in named(name)]
    for row in rows:
        row["then"] = found(NamedUnits(), row["words"])
    carry_out(draft("2025-07-01", by), "apply", by)
    for row in rows:
        row["now"] = found(NamedUnits(), row["words"])
    return rows


def named(name):
    from programs.proposals import proposals_of
    from programs.reading import propose
    from programs.tests import reading_scores as scores

    rows, _ = proposals_of(propose(scores.seed_document(name)))
    return [row["fields"]["words"] for row in rows if row["kind"] == "unit"]


def found(units, words):
    """The unit that is chosen, or how many are offered for her to choose from."""
    candidates, chosen = units.find(words)
    if chosen:
        return next(label for pk, label in candidates if str(pk) == chosen)
    return f"{len(candidates)} để chọn" if candidates else ""


def write(rows, places, vendor, shown):
    result = {
        "proof": "reading",
        "commit": commit(),
        "date": time.strftime("%Y-%m-%d"),
        "database": vendor,
        "readings": [
            {
                "paper": name,
                "form": form or "further",
                "characters": size(name),
                "asked": score.asked,
                "found": score.found,
                "share": round(score.share, 4),
                "kinds": {kind: list(count) for kind, count in sorted(score.kinds.items())},
                "missed": [{"kind": kind, **line} for kind, line in score.missed],
                "wrong": [shown(row) for row in score.wrong],
                "without_source": [shown(row) for row in score.without_source],
            }
            for name, form, _, score in rows
        ],
        "places": places,
    }
    path = PROJECT / "docs" / "proofs" / "reading.json"
    path.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def size(name):
    from programs.tests.reading_scores import DATA

    text = next(path for path in DATA.glob("*/*.txt") if path.stem == name)
    return len(text.read_text(encoding="utf-8"))


if __name__ == "__main__":
    sys.exit(main())
