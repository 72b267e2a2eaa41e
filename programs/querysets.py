"""Which rows: programmes and all that belongs to them, as far as a person may see them."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex

from branches.decrees import issued_for
from branches.querysets import OfBranchQuerySet, path_above, under_paths
from hoiphunu.text import fold


def programs_of(user, program=""):
    """A condition: `program` (a prefix) is owned in her territory, or meant for it.

    Of those not her own she sees what has begun: a draft is the business of its owner's people.
    """
    owner = f"{program}owner"
    hers = under_paths(user.branch_paths(), f"{owner}__path")
    return hers | (issued_for(user, owner) & has_begun(program))


def has_begun(program):
    return ~Q(**{f"{program}status": "draft"})


class ProgramQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Programmes of her own units and of those below; begun ones of the units above too."""
        return self.filter(programs_of(user))

    def owned_by(self, user):
        """Whose owner she is officer of."""
        return self.filter(owner__path__in=officers_paths(user))

    def about_to_erase(self):
        """Told that the records of their people will be erased, which is not done yet."""
        return self.filter(erasure_told_on__isnull=False, erased_on=None)

    def reaching(self, user):
        """Those, and begun ones from outside that help a unit of her territory."""
        paths, programs = user.branch_paths(), self.model.objects
        helped = under_paths(paths, "assignments__supported__path")
        given = under_paths(paths, "items__places__path")
        return self.filter(
            Q(pk__in=programs.visible_to(user).values("pk"))
            | (Q(pk__in=programs.filter(helped | given).values("pk")) & ~Q(status="draft"))
        )


class OfProgramQuerySet(models.QuerySet):
    """What belongs to a programme and is read by all who take part in it."""

    def visible_to(self, user):
        return self.filter(programs_of(user, "program__"))


def supporter_under(paths):
    """A condition: the supporter, or its team's unit, lies in the territory of `paths`."""
    return under_paths(paths, "supporter_branch__path") | under_paths(
        paths, "supporter_team__branch__path"
    )


class QuotaQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What her territory must take on."""
        return self.filter(supporter_under(user.branch_paths()))

    def of(self, program):
        """What the programme asks today; what ended with its unit stays in the history."""
        return self.filter(line__program=program, ended_on=None)

    def with_units(self):
        return self.select_related(
            "line",
            "place",
            "supporter_branch__level",
            "supporter_branch__parent",
            "supporter_team__branch__level",
        )


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those whose supporter or supported unit lies in her territory: rows, never branches."""
        paths = user.branch_paths()
        return self.filter(supporter_under(paths) | under_paths(paths, "supported__path"))

    def given_by(self, user):
        """Those that her own territory helps with: through them she sees how others get on."""
        return self.filter(supporter_under(user.branch_paths()))

    def active(self):
        return self.filter(ends_on=None)

    def of(self, program):
        return self.filter(program=program)

    def by_supporter(self, supporting):
        """Those of the supporter that a quota or another assignment names."""
        branch, team = supporting.supporter_key
        return self.filter(supporter_branch=branch, supporter_team=team)

    def in_state(self, state):
        """`active`, `ended`, `doubled` (after `with_doubles`) or `outside` (after `with_outside`);
        anything else is all."""
        conditions = {
            "active": Q(ends_on=None),
            "ended": Q(ends_on__isnull=False),
            "doubled": Q(is_doubled=True),
            "outside": Q(is_outside=True),
        }
        return self.filter(conditions.get(state, Q()))

    def by_kind(self, kind):
        """Of teams ("team"), or of units of the level with this code."""
        if kind == "team":
            return self.exclude(supporter_team=None)
        return self.filter(supporter_branch__level__code=kind)

    def in_area(self, branch):
        """Whose chi hội lies in `branch`."""
        return self.filter(under_paths([branch.path], "supported__path"))

    def matching(self, words):
        """Each word, marks left out, stands in the name of the chi hội, its unit or supporter."""
        rows = self
        for word in fold(words).split():
            rows = rows.filter(
                Q(supported__search_text__contains=word)
                | Q(supported__parent__search_text__contains=word)
                | Q(supporter_branch__search_text__contains=word)
                | Q(supporter_team__slug__contains=word)
            )
        return rows

    def with_doubles(self):
        """`is_doubled`: another supporter helps the same chi hội now, seen by her or not."""
        others = self.model._base_manager.filter(
            program=OuterRef("program"), supported=OuterRef("supported"), ends_on=None
        ).exclude(pk=OuterRef("pk"))
        return self.annotate(is_doubled=Q(ends_on=None) & Exists(others))

    def with_outside(self):
        """`is_outside`: helps now, but not in the place that its supporter's quota names; the
        same that Quota.covers says of one row."""
        quotas = self.model._meta.apps.get_model("programs", "Quota")._base_manager.filter(
            Q(supporter_branch=OuterRef("supporter_branch"))
            | Q(supporter_team=OuterRef("supporter_team")),
            line__program=OuterRef("program"),
            ended_on=None,
            place__isnull=False,
        )
        step = Concat(Value("/"), Cast("place_id", models.CharField()), Value("/"))
        elsewhere = quotas.annotate(
            now=StrIndex(OuterRef("supported__path"), F("place__path")),
            then=StrIndex(OuterRef("supported_path"), step),
        ).filter(~Q(now=1), then=0)
        return self.annotate(is_outside=Q(ends_on=None) & Exists(elsewhere))

    def with_units(self):
        return self.select_related(
            "program__owner__level",
            "supporter_branch__level",
            "supporter_team__branch__level",
            "supported__level",
            "supported__parent__parent",
        )


class OfAssignmentQuerySet(models.QuerySet):
    """What belongs to an assignment is seen by whoever sees that."""

    def visible_to(self, user):
        assignments = self.model._meta.get_field("assignment").related_model
        return self.filter(assignment__in=assignments.objects.visible_to(user).order_by())


def run_for(paths, program="program__"):
    """A condition: the programme is run by a unit in the territory of `paths`."""
    return under_paths(paths, f"{program}owner__path")


class SupportItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What its programmes give and, once a programme has begun, what her territory gives
        to it and gets from it."""
        paths = user.branch_paths()
        hers = under_paths(paths, "giver__path") | self.coming_to(paths)
        return self.filter(run_for(paths) | (hers & has_begun("program__")))

    def coming_to(self, paths):
        places = self.model.places.through.objects.filter(under_paths(paths, "branch__path"))
        return Q(pk__in=places.values("supportitem"))

    def of(self, program):
        return self.filter(program=program)

    def standing(self):
        """Not given up."""
        return self.filter(ended_on=None)

    def in_state(self, state):
        """`standing`, `conditional`, `unvalued` or `ended`; anything else is all."""
        conditions = {
            "standing": Q(ended_on=None, is_conditional=False),
            "conditional": Q(ended_on=None, is_conditional=True),
            "unvalued": Q(ended_on=None, value=None),
            "ended": Q(ended_on__isnull=False),
        }
        return self.filter(conditions.get(state, Q()))

    def received_in(self, branch):
        """Which come to `branch` or to a unit below it; not what is for a larger area."""
        places = self.model.places.through.objects.filter(
            under_paths([branch.path], "branch__path")
        )
        return self.filter(pk__in=places.values("supportitem"))

    def with_units(self):
        return self.select_related(
            "program__owner__level", "kind", "giver__level", "assignment", "document"
        ).prefetch_related("places__level", "places__parent__parent")


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Hand-overs that her territory makes or gets, and those of its programmes."""
        return self.filter(deliveries_of(user.branch_paths()))

    def of(self, program):
        return self.filter(item__program=program)

    def counted(self):
        """All but those taken back."""
        return self.exclude(status="cancelled")

    def unconfirmed(self):
        """Neither the receiver nor signed minutes say that it is so; she may say that it is not."""
        return self.filter(status__in=["unconfirmed", "disputed"])

    def to_confirm(self):
        """Those that the receiver has not said yes to; minutes may stand in for her word."""
        return self.counted().exclude(status="confirmed")

    def told_to_guests(self):
        """Whatever an invitation names: not what was taken back or called off."""
        return self.counted().exclude(item__program__status="cancelled")

    def received_in(self, branch):
        return self.filter(under_paths([branch.path], "place__path"))

    def waiting_for(self, user):
        """Not answered yet, and hers to answer: the same that rules.receives_delivery allows."""
        hers = Q(pk=None)
        for path in officers_paths(user):
            hers |= Q(place__path=path) & ~Q(item__giver__path=path)
            hers |= Q(place__path__startswith=path) & ~Q(item__giver__path__startswith=path)
        return self.filter(hers, status="unconfirmed").exclude(recorded_by=user)

    def with_units(self):
        return self.select_related(
            "item__program__owner__level",
            "item__kind",
            "item__giver__level",
            "place__level",
            "place__parent__parent",
            "partner",
            "recorded_by",
            "answered_by",
            "invitation__invited_by",
        )


def deliveries_of(paths, delivery=""):
    """A condition: `delivery` (a prefix) was made, or was got, in the territory of `paths`."""
    return (
        under_paths(paths, f"{delivery}item__giver__path")
        | run_for(paths, f"{delivery}item__program__")
        | under_paths(paths, f"{delivery}place__path")
    )


class DeliveryFileQuerySet(models.QuerySet):
    def visible_to(self, user):
        """With the hand-over; no photo of somebody who does not agree to it any more."""
        return self.agreed().filter(deliveries_of(user.branch_paths(), "delivery__"))

    def agreed(self):
        """All but photos that show a person of the register without her standing consent."""
        persons = self.model._meta.get_field("persons").related_model._base_manager
        agreeing = Q(beneficiary__consents__scope="photo", beneficiary__consents__withdrawn_on=None)
        standing = persons.filter(agreeing, beneficiary__erased_at=None)
        hidden = persons.exclude(pk__in=standing.values("pk"))
        return self.exclude(pk__in=hidden.values("photo"))

    def of_guest(self, invitation):
        """No photo that shows a person of the register, whatever she agreed to: the guest is
        nobody to whom her consent was given."""
        return self.filter(delivery__in=invitation.shown().order_by(), persons=None)


class InvitationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """As officer over the giver or the programme's owner, who alone invite."""
        paths = officers_paths(user)
        hers = under_paths(paths, "item__giver__path") | run_for(paths, "item__program__")
        return self.naming(self.deliveries().filter(hers))

    def open_on(self, day):
        """Not withdrawn, not over, and something is left to read."""
        standing = self.filter(withdrawn_at=None, ends_on__gte=day)
        return standing.naming(self.deliveries().told_to_guests())

    def naming(self, deliveries):
        """That name one of these, each once."""
        links = self.model.deliveries.through.objects.filter(delivery__in=deliveries.order_by())
        return self.filter(pk__in=links.values("invitation"))

    def deliveries(self):
        return self.model._meta.get_field("deliveries").related_model.objects.all()


class DonorQuerySet(OfBranchQuerySet):
    """`visible_to` is for the donor's page, with the contact."""

    def nameable_by(self, user):
        """Whom she may choose by name: also those that the units above her keep."""
        paths = user.branch_paths()
        hers = under_paths(paths, "branch__path") | path_above(paths, "branch__path")
        return self.filter(hers, is_active=True)


def contributions_of(paths, contribution=""):
    """A condition: `contribution` (a prefix) is for a programme of a unit in the territory of
    `paths` or, once the programme has begun, came through one."""
    program = f"{contribution}program__"
    through = under_paths(paths, f"{contribution}branch__path")
    return run_for(paths, program) | (through & has_begun(program))


class ContributionQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(contributions_of(user.branch_paths()))

    def of(self, program):
        return self.filter(program=program)

    def with_units(self):
        return self.select_related("program__owner__level", "donor__branch", "branch__level")


class EntryQuerySet(models.QuerySet):
    """Lines of the ledger; each is seen with its contribution."""

    def visible_to(self, user):
        return self.filter(contributions_of(user.branch_paths(), "contribution__"))

    def of(self, program):
        return self.filter(contribution__program=program)

    def unvalued(self):
        """Gifts whose worth nobody has said yet, and that were not taken back."""
        return self.filter(value=None, corrects=None).exclude(pk__in=self.corrected())

    def corrected(self):
        return self.model._base_manager.exclude(corrects=None).values("corrects")

    def summed_by(self, *columns):
        """A dict for each group: the đồng of each kind, and its gifts not valued yet."""
        unvalued = Q(value=None, corrects=None) & ~Q(pk__in=self.corrected())
        figures = {}
        for kind in ("pledged", "received", "given"):
            figures[kind] = Coalesce(Sum("value", filter=Q(kind=kind)), 0)
            figures[f"{kind}_gifts"] = Count("pk", filter=Q(kind=kind) & unvalued)
        return self.order_by().values(*columns).annotate(**figures)

    def with_names(self):
        return self.select_related("contribution__donor", "contribution__program", "item", "by")


# --- People helped: for those who work with them, never for whoever merely takes part ----------


KEPT_AFTER_WITHDRAWAL = timedelta(days=15)  # Nghị định 356/2025/NĐ-CP: the time to carry it out


def officers_paths(user):
    return user.branch_paths("officer")


class BeneficiaryQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Records (by their code) looked after in the territory where she is officer."""
        return self.filter(under_paths(officers_paths(user), "branch__path"))

    def in_area(self, branch):
        return self.filter(under_paths([branch.path], "branch__path"))

    def counted_for(self, user):
        """Whom she may count, never name: those of her territory and of its programmes."""
        paths = user.branch_paths()
        return self.filter(under_paths(paths, "branch__path") | run_for(paths))

    def sponsored_by(self, user, program):
        """The children of a programme for whom she may name a sponsor: her own records; as officer
        of the programme's owner all of them, by their codes."""
        rows = self.of(program)
        return rows if user.holds("officer", program.owner) else rows.visible_to(user)

    def of(self, program):
        return self.filter(program=program)

    def in_reach_of(self, place):
        """Looked after in `place`, or by a unit above it: who may have received something there."""
        above = Q(branch__in=place.ancestor_ids)
        return self.filter(under_paths([place.path], "branch__path") | above)

    def persons(self):
        """How many persons: the records of one are one."""
        person = Coalesce("same_as", "pk")
        return self.order_by().aggregate(number=Count(person, distinct=True))["number"]

    def standing(self):
        return self.filter(erased_at=None)

    def agreed(self):
        """Somebody agreed that the record is kept, and has not taken it back."""
        return self.filter(pk__in=self.consents().filter(withdrawn_on=None))

    def minors(self):
        return self.filter(kind__in=["child", "pupil"])

    def guarded(self):
        """Whose name must not stand where more people read: minors, and whoever has something
        written in the sensitive part."""
        said = Q(kind__in=["child", "pupil"])
        for name in self.model.SENSITIVE:
            said |= ~Q(**{name: ""})
        return self.filter(said)

    def past_keeping(self, on):
        """Kept longer than said, or longer than the 15 days after the consent was taken back."""
        lately = self.consents().exclude(withdrawn_on__lt=on - KEPT_AFTER_WITHDRAWAL)
        return self.standing().filter(Q(keep_until__lt=on) | ~Q(pk__in=lately))

    def in_state(self, state, on):
        """`standing`, `withdrawn`, `expired` or `erased`; anything else is all."""
        standing = self.standing()
        rows = {
            "standing": standing.agreed(),
            "withdrawn": standing.exclude(pk__in=standing.agreed().values("pk")),
            "expired": self.past_keeping(on),
            "erased": self.filter(erased_at__isnull=False),
        }
        return rows.get(state, self)

    def consents(self):
        """To keep the record, as ids of records."""
        model = self.model._meta.get_field("consents").related_model
        return model._base_manager.filter(scope="record").values("beneficiary")

    def with_units(self):
        return self.select_related("program__owner__level", "branch__level", "erased_by")


class OfBeneficiaryQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(under_paths(officers_paths(user), "beneficiary__branch__path"))


class SamePersonQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of pairs that she may see on both sides: of one alone she would learn of the other."""
        paths = officers_paths(user)
        return self.filter(under_paths(paths, "first__branch__path")).filter(
            under_paths(paths, "second__branch__path")
        )

    def about(self, beneficiary):
        return self.filter(Q(first=beneficiary) | Q(second=beneficiary))


class RecipientQuerySet(OfBeneficiaryQuerySet):
    def counted_for(self, user):
        """Whom she may count, never name; the same as Beneficiary.counted_for."""
        paths = user.branch_paths()
        hers = under_paths(paths, "beneficiary__branch__path")
        return self.filter(hers | run_for(paths, "beneficiary__program__"))

    def persons(self):
        """How many persons: each once, in however many hand-overs, programmes and records."""
        person = Coalesce("beneficiary__same_as", "beneficiary")
        return self.order_by().aggregate(number=Count(person, distinct=True))["number"]


def sponsorships_of(paths, sponsorship=""):
    """A condition: `sponsorship` (a prefix) is for a child looked after in the territory of
    `paths`, or of a sponsor kept there."""
    return under_paths(paths, f"{sponsorship}child__branch__path") | under_paths(
        paths, f"{sponsorship}sponsor__branch__path"
    )


class SponsorshipQuerySet(models.QuerySet):
    def visible_to(self, user):
        """As officer; of the child she sees the code, unless the record itself is hers to see."""
        return self.filter(sponsorships_of(officers_paths(user)))

    def of(self, program):
        return self.filter(program=program)

    def active(self):
        return self.filter(ended_early_on=None)

    def running(self, on):
        return self.active().filter(starts_on__lte=on, ends_on__gte=on)

    def with_sides(self):
        return self.select_related(
            "program__owner__level", "sponsor__branch__level", "child__branch__level", "document"
        )


class PaymentQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(sponsorships_of(officers_paths(user), "sponsorship__"))

    def counted_for(self, user):
        """What she may sum up without naming a child: of her territory and of its programmes, as
        she may count the children themselves."""
        paths = user.branch_paths()
        hers = sponsorships_of(paths, "sponsorship__")
        return self.filter(hers | run_for(paths, "sponsorship__program__"))

    def of(self, program):
        return self.filter(sponsorship__program=program)

    def owed(self):
        """Not paid, or not all of it."""
        return self.filter(Q(paid=None) | Q(paid__lt=F("amount")))

    def due(self, on):
        """Owed, and their month has come."""
        return self.owed().filter(month__lte=on)

    def late(self, on):
        """Owed, and their month is over."""
        return self.owed().filter(month__lt=on.replace(day=1))


# --- Targets -------------------------------------------------------------------------------------


def targets_of(user, target=""):
    """A condition: `target` (a prefix) is one of a programme she takes part in, set for a unit
    in her territory, or for it."""
    branch = f"{target}branch"
    mine = under_paths(user.branch_paths(), f"{branch}__path") | issued_for(user, branch)
    return programs_of(user, f"{target}program__") & mine


class TargetQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(targets_of(user))

    def of(self, program):
        return self.filter(program=program)


class OfTargetQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(targets_of(user, "target__"))
