from django.urls import path

from .views import assignments, beneficiaries, programs, sponsorships

app_name = "programs"
urlpatterns = [
    path("", programs.ProgramList.as_view(), name="program_list"),
    path("create/", programs.program_create, name="program_create"),
    path("lines/row/", programs.line_row, name="line_row"),
    path("lines/milestone/", programs.milestone_row, name="milestone_row"),
    path("lines/check/", programs.plan_check, name="plan_check"),
    path("branch/<slug:slug>/", assignments.branch_panel, name="branch_panel"),
    path("assignments/<int:pk>/", assignments.assignment_detail, name="assignment_detail"),
    path("assignments/<int:pk>/update/", assignments.assignment_update, name="assignment_update"),
    path("assignments/<int:pk>/end/", assignments.assignment_end, name="assignment_end"),
    path(
        "assignments/<int:pk>/history/", assignments.assignment_history, name="assignment_history"
    ),
    path("records/<int:pk>/", beneficiaries.beneficiary_detail, name="beneficiary_detail"),
    path("records/<int:pk>/update/", beneficiaries.beneficiary_update, name="beneficiary_update"),
    path(
        "records/<int:pk>/sensitive/",
        beneficiaries.beneficiary_sensitive,
        name="beneficiary_sensitive",
    ),
    path(
        "records/<int:pk>/sensitive/update/",
        beneficiaries.beneficiary_sensitive_update,
        name="beneficiary_sensitive_update",
    ),
    path("records/<int:pk>/erase/", beneficiaries.beneficiary_erase, name="beneficiary_erase"),
    path("records/<int:pk>/consent/", beneficiaries.consent_create, name="consent_create"),
    path("consents/<int:pk>/withdraw/", beneficiaries.consent_withdraw, name="consent_withdraw"),
    path("sponsorships/<int:pk>/", sponsorships.sponsorship_detail, name="sponsorship_detail"),
    path(
        "sponsorships/<int:pk>/amount/", sponsorships.sponsorship_amount, name="sponsorship_amount"
    ),
    path(
        "sponsorships/<int:pk>/extend/", sponsorships.sponsorship_extend, name="sponsorship_extend"
    ),
    path("sponsorships/<int:pk>/end/", sponsorships.sponsorship_end, name="sponsorship_end"),
    path("payments/<int:pk>/paid/", sponsorships.payment_paid, name="payment_paid"),
    path("payments/<int:pk>/unpaid/", sponsorships.payment_unpaid, name="payment_unpaid"),
    path("<slug:slug>/", programs.program_detail, name="program_detail"),
    path("<slug:slug>/update/", programs.program_update, name="program_update"),
    path("<slug:slug>/start/", programs.start, name="program_start"),
    path("<slug:slug>/close/", programs.close, name="program_close"),
    path("<slug:slug>/allot/", programs.allot, name="program_allot"),
    path("<slug:slug>/history/", programs.program_history, name="program_history"),
    path("<slug:slug>/assignments/", assignments.assignment_list, name="assignment_list"),
    path(
        "<slug:slug>/assignments/create/", assignments.assignment_create, name="assignment_create"
    ),
    path("<slug:slug>/chi-hoi/", assignments.chi_hoi_search, name="chi_hoi_search"),
    path("<slug:slug>/people/", beneficiaries.people_list, name="people_list"),
    path("<slug:slug>/people/create/", beneficiaries.beneficiary_create, name="beneficiary_create"),
    path("<slug:slug>/sponsorships/", sponsorships.sponsorship_list, name="sponsorship_list"),
    path(
        "<slug:slug>/sponsorships/create/",
        sponsorships.sponsorship_create,
        name="sponsorship_create",
    ),
]
