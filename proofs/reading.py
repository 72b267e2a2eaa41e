"""The plan reader against its answer keys: facts found, missed and wrong, paper by paper.

    python proofs/reading.py                    all papers; the lists of what was missed or wrong
    python proofs/reading.py --brief            the table only
    python proofs/reading.py hoc_mon_2021 …     these papers only

What a paper scores today says how well the rules know it; how well they read a new one is said
by its score at first sight, before any rule was changed for it (found of asked, wrong):

    with the rules made for the seeds   an_giang 34/42, 4; bac_giang 53/53, 1; can_tho 40/41, 1;
                                        dong_thap 53/59, 3; ha_giang 63/64, 2; soc_trang 48/60, 6
    kept aside, looked at once          kien_giang 60/60, 1; quang_tri 42/42, 0; yen_bai 51/51, 0
    written after the rules             long_an 34/37, 3; thanh_hoa 37/50, 9; ca_mau 35/39, 5;
                                        dak_nong 31/50, 4

Exit status 1 when a seed is under 95 %, a further paper under 80 %, or a proposal has no source.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from programs.tests import reading_scores as scores

SEED_AT_LEAST, FURTHER_AT_LEAST = 0.95, 0.80


def main(arguments):
    names = [argument for argument in arguments if not argument.startswith("--")]
    rows = [row for row in _rows() if not names or row[0] in names]
    good = True
    print(f"{'paper':34}{'asked':>6}{'found':>6}{'missed':>7}{'wrong':>6}{'share':>8}  no source")
    for name, form, least, score in rows:
        good = good and score.share >= least and not score.without_source
        print(
            f"{name + ' ' + form:34}{score.asked:6}{score.found:6}{len(score.missed):7}"
            f"{len(score.wrong):6}{score.share:8.1%}  {len(score.without_source)}"
        )
    if "--brief" not in arguments:
        for name, form, _, score in rows:
            _print_lists(f"{name} {form}", score)
    return 0 if good else 1


def _rows():
    for name in scores.SEEDS:
        for form in ("text", "docx"):
            yield name, form, SEED_AT_LEAST, scores.score_seed(name, form)
    for name in scores.PDFS:
        yield name, "pdf", SEED_AT_LEAST, scores.score_pdf(name)
    for name in scores.FURTHER:
        yield name, "", FURTHER_AT_LEAST, scores.score_further(name)


def _print_lists(title, score):
    if score.missed or score.wrong or score.without_source:
        print(f"\n== {title}")
    for kind, line in score.missed:
        print(f"  missed  {kind}: {line}")
    for fact in score.wrong:
        print(f"  wrong   {fact.kind}: {_shown(fact)}")
    for fact in score.without_source:
        print(f"  no source  {fact.kind}: {_shown(fact)}")


def _shown(fact):
    values = {
        name: value for name, value in vars(fact).items() if value not in ("", None, (), False)
    }
    source = values.pop("source")
    return f"{ {k: str(v) for k, v in values.items()} } ← {source.clause} “{source.text[:90]}”"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
