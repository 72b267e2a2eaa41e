"""Refuse, wherever people are shown or told something, rows that were not narrowed first.

In views, admin, exporters, forms and context processors of the apps, a scoped model is
asked through `Model.objects.visible_to(user)` (or `directory()`, which anyone signed in may
read, or `create()` or `none()`, which show nothing). `Model.objects` followed by anything else, the
manager handed on bare, and the model handed bare to `get_object_or_404` are refused.

Background tasks, importers, notifications and the search have no person before them: they
begin with a row that was found already, or its id (`under(branch)`, `of(program)`, `get(pk=…)`).
Anything wider says why. Writing rows in bulk shows nothing and passes everywhere.

The only exception is said on the spot, on a line of the same statement:

    Report.objects.filter(period=period).count()  # scope: a number on the central's own page

Usage: check_scope.py [project root]. Prints one `file:line: sentence` per refusal.
Exit 0: nothing refused; 1: something refused; 2: there was nothing to read.

It reads names, it does not follow values: a model under a variable's name, or a list view
with only `model = Report`, passes here and is caught by the access tables.
"""

import ast
import io
import re
import sys
import tokenize
from pathlib import Path

# Every model with rows that belong to a branch. A test compares it with the models. Names,
# places and spellings of units (BranchSpan, BranchAlias, BranchKey) are the directory.
SCOPED = frozenset(
    {
        "Assignment",
        "Beneficiary",
        "Branch",
        "Briefing",
        "Conclusion",
        "Condition",
        "Consent",
        "Contact",
        "Content",
        "Contribution",
        "Delivery",
        "DeliveryFile",
        "Department",
        "Donor",
        "Duty",
        "Entry",
        "Export",
        "Explanation",
        "Extension",
        "Figure",
        "FormVersion",
        "FrozenSummary",
        "Holiday",
        "Invitation",
        "Milestone",
        "Notice",
        "NoticeReceipt",
        "Notification",
        "Partner",
        "Payment",
        "PhotoPerson",
        "Period",
        "PeriodRule",
        "PlanDocument",
        "PlanReading",
        "Position",
        "Program",
        "Proposal",
        "ProposalPass",
        "Quota",
        "QuotaLine",
        "Recipient",
        "RecordView",
        "Remark",
        "Reorganisation",
        "ReorganisationRun",
        "Report",
        "ReportEvent",
        "ReportFile",
        "ReportForm",
        "SamePerson",
        "Sponsorship",
        "StatedFigure",
        "StoredFile",
        "Succession",
        "Successor",
        "Summary",
        "SummaryParagraph",
        "SupportItem",
        "Target",
        "TargetPart",
        "Team",
        "Total",
        "Upload",
        "UploadRow",
        "User",
        "WordText",
    }
)
WRITES = {"create", "bulk_create", "bulk_update", "bulk_history_create"}
FIRST_CALLS = frozenset({"visible_to", "directory", "none", *WRITES})
FROM_A_ROW = FIRST_CALLS | {"under", "below", "of", "get", "looked_after_by"}
MANAGERS = frozenset({"objects", "history", "_default_manager", "_base_manager"})
SHORTCUTS = frozenset({"get_object_or_404", "get_list_or_404"})

APPS = ("branches", "programs", "reports")
MODULES = ("views", "admin", "exporters", "forms", "context_processors")
BEHIND_THE_PAGES = ("tasks", "importers", "notifications", "search")

REASON = re.compile(r"#\s*scope:\s*\S")


def files_to_check(root):
    """(path, the calls it may begin with) of the modules under the rule, files or packages."""
    for app in APPS:
        for module in (*MODULES, *BEHIND_THE_PAGES):
            allowed = FROM_A_ROW if module in BEHIND_THE_PAGES else FIRST_CALLS
            for path in ((root / app).glob(f"{module}.py"), (root / app / module).rglob("*.py")):
                yield from ((found, allowed) for found in path)


def refusals(source, allowed=FIRST_CALLS):
    """Pairs of line number and sentence for one file's text, in order."""
    tree = ast.parse(source)
    models = scoped_names(tree)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    excused = lines_with_reason(source)
    found = []
    for node in ast.walk(tree):
        sentence = unscoped_manager(node, models, parents, allowed)
        sentence = sentence or unscoped_shortcut(node, models)
        if sentence and excused.isdisjoint(lines_of_statement(node, parents)):
            found.append((node.lineno, sentence))
    return sorted(found)


def scoped_names(tree):
    """What each scoped model is called in this file: `import Report as R` hides nothing."""
    names = {name: name for name in SCOPED}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {a.asname: a.name for a in node.names if a.asname and a.name in SCOPED}
    return names


def unscoped_manager(node, models, parents, allowed):
    """The sentence for `Report.objects` and what follows it, or None."""
    if not (isinstance(node, ast.Attribute) and node.attr in MANAGERS):
        return None
    model = model_of(node.value, models)
    if model is None:
        return None
    method = parents[node]
    if not isinstance(method, ast.Attribute):
        return f"{model}.{node.attr} is handed on whole; begin with visible_to(user)."
    call = parents[method]
    if method.attr in allowed and isinstance(call, ast.Call) and call.func is method:
        return None
    return f"{model}.{node.attr}.{method.attr} sees every row; begin with visible_to(user)."


def unscoped_shortcut(node, models):
    """The sentence for `get_object_or_404(Report, …)`, or None."""
    if not (isinstance(node, ast.Call) and node.args and last_name(node.func) in SHORTCUTS):
        return None
    model = model_of(node.args[0], models)
    if model is None:
        return None
    return (
        f"{last_name(node.func)}({model}, …) sees every row; pass {model}.objects.visible_to(user)."
    )


def model_of(node, models):
    """The scoped model an expression names, or None."""
    if isinstance(node, ast.Call) and last_name(node.func) == "get_user_model":
        return "User"
    return models.get(last_name(node))


def last_name(node):
    """`Report` for both `Report` and `models.Report`; None for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def lines_with_reason(source):
    """Lines that end in `# scope: <reason>`; a string that looks like it does not count."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]
        for token in tokens
        if token.type == tokenize.COMMENT and REASON.match(token.string)
    }


def lines_of_statement(node, parents):
    """The lines of the statement around a node; of `if` and `for`, only their head."""
    while not isinstance(node, ast.stmt):
        node = parents[node]
    body = getattr(node, "body", None)
    last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno
    return range(node.lineno, last + 1)


def main(root):
    """Check every file under the rule below `root`; give the exit status."""
    paths = dict(sorted(files_to_check(root)))
    if not paths:
        print(f"{root}: no views, admin, exporters, forms or other pages to read.")
        return 2
    count = 0
    for path, allowed in paths.items():
        for line, sentence in refusals(path.read_text(encoding="utf-8"), allowed):
            print(f"{path.relative_to(root)}:{line}: {sentence}")
            count += 1
    print(f"Scope rule: {len(paths)} files read, {count} refused.")
    return 1 if count else 0


if __name__ == "__main__":
    default = Path(__file__).resolve().parent.parent
    sys.exit(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default))
