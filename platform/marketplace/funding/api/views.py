"""Campaigns, pledges, payouts and bank accounts over HTTP."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from marketplace.common.actor import actor_of, signed_in
from marketplace.common.errors import NotFound
from marketplace.common.narrowing import narrowed, one_of
from marketplace.demands.selectors import demand_for
from marketplace.funding import selectors
from marketplace.funding.api import payouts
from marketplace.funding.api import serializers as shapes
from marketplace.funding.api.talks import Talks
from marketplace.funding.models import BankAccount, Campaign, Payout, Pledge
from marketplace.funding.services import asking_anew, bank_accounts, campaigning, pledging
from marketplace.funding.terms import Instrument
from marketplace.funding.workflow import CAMPAIGN, PAYOUT, PLEDGE, CampaignState, PayoutState, PledgeState
from marketplace.workflow.api import IDEMPOTENCY_KEY, PROBLEMS, ActionsMixin, NoteInput, ReasonInput, documented_actions, idempotent


class SignedIn(ActionsMixin):
    """For people who are signed in; rows in lists, the whole object with its actions elsewhere."""

    row_class: ClassVar[type[serializers.BaseSerializer[Any]]]
    permission_classes = (IsAuthenticated,)
    filter_backends = ()

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        whole: Any = self.serializer_class
        return self.row_class if self.action == "list" else whole


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[one_of("state", CampaignState.values), one_of("instrument", Instrument.values)]),
    retrieve=extend_schema(responses={200: shapes.CampaignSerializer, **PROBLEMS}),
)
class CampaignViewSet(Talks, mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """Campaigns that the caller proposes, is invited to, or reviews."""

    machine = CAMPAIGN
    queryset = Campaign.objects.none()
    serializer_class = shapes.CampaignSerializer
    row_class = shapes.CampaignRowSerializer
    action_inputs: ClassVar = {
        "request_changes": ReasonInput,
        "reject": ReasonInput,
        "approve": NoteInput,
        "withdraw": ReasonInput,
        "cancel": ReasonInput,
        "ask_extension": shapes.ExtensionInput,
        "extend_once": shapes.ExtensionGrantInput,
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        return narrowed(self, selectors.campaigns_for(actor_of(self.request)), "state", "instrument")

    @extend_schema(request=shapes.CampaignCreateInput, responses={201: shapes.CampaignSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Begin a draft for an awarded demand."""
        actor = signed_in(self.request)
        given = validated(shapes.CampaignCreateInput, request)
        demand = demand_for(actor, given.pop("demand"))
        campaign = campaigning.campaign_create(demand=demand, actor=actor, invited=given.pop("invited", ()), fields=given)
        return Response(self.get_serializer(campaign).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.CampaignInput, responses={200: shapes.CampaignSerializer, **PROBLEMS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a draft."""
        actor = signed_in(self.request)
        given = validated(shapes.CampaignInput, request, partial=True)
        campaign = self.get_object()
        changed = campaigning.campaign_edit(campaign=campaign, actor=actor, invited=given.pop("invited", None), fields=given)
        return Response(self.get_serializer(changed).data)


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[OpenApiParameter("campaign", str), one_of("state", PledgeState.values)]),
    retrieve=extend_schema(responses={200: shapes.PledgeSerializer, **PROBLEMS}),
)
class PledgeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """The caller's own pledges."""

    machine = PLEDGE
    queryset = Pledge.objects.none()
    serializer_class = shapes.PledgeSerializer
    row_class = shapes.PledgeRowSerializer
    action_inputs: ClassVar = {"confirm": shapes.AcceptanceInput}

    def get_queryset(self) -> QuerySet[Pledge]:
        rows = narrowed(self, selectors.pledges_for(actor_of(self.request)), "state")
        campaign = self.request.query_params.get("campaign", "")
        return rows.filter(campaign_id=uuid_of(campaign)) if self.action == "list" and campaign else rows

    @extend_schema(request=shapes.PledgeInput, parameters=[IDEMPOTENCY_KEY], responses={201: shapes.PledgeSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Pledge: the amount is held in the wallet at once and may be withdrawn while cooling off."""
        actor = signed_in(self.request)
        given = validated(shapes.PledgeInput, request)
        campaign = selectors.campaign_known_to(actor, given.pop("campaign"))

        def run() -> tuple[int, Any]:
            pledge = pledging.pledge_make(campaign=campaign, actor=actor, **given)
            return 201, self.get_serializer(pledge).data

        return idempotent(request, actor, run)


@documented_actions
@extend_schema_view(
    list=extend_schema(parameters=[one_of("state", PayoutState.values)]),
    retrieve=extend_schema(responses={200: payouts.PayoutSerializer, **PROBLEMS}),
)
class PayoutViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, SignedIn):
    """Payouts to the caller's organisation; for finance officers those to approve."""

    machine = PAYOUT
    queryset = Payout.objects.none()
    serializer_class = payouts.PayoutSerializer
    row_class = payouts.PayoutRowSerializer
    action_inputs: ClassVar = {"reject": ReasonInput, "report_refusal": ReasonInput}

    def get_queryset(self) -> QuerySet[Payout]:
        return narrowed(self, selectors.payouts_for(actor_of(self.request)), "state")

    @extend_schema(
        operation_id="payout_ask_again", parameters=[IDEMPOTENCY_KEY], request=None, responses={201: payouts.PayoutSerializer, **PROBLEMS}
    )
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, pk: str) -> Response:
        """Ask again for a payout that was rejected: the same amount for the same purpose, to be approved anew."""
        actor = actor_of(request)
        rejected = selectors.payout_for(actor, pk)

        def run() -> tuple[int, Any]:
            made = asking_anew.ask_anew(actor=actor, payout_id=rejected.pk)
            return 201, payouts.PayoutSerializer(made, context={"request": request}).data

        return idempotent(request, actor, run)


class BankAccountViewSet(mixins.ListModelMixin, GenericViewSet[BankAccount]):
    """Where the caller's organisation is paid: the account in use and those before it."""

    queryset = BankAccount.objects.none()
    serializer_class = payouts.BankAccountSerializer
    permission_classes = (IsAuthenticated,)
    filter_backends = ()

    def get_queryset(self) -> QuerySet[BankAccount]:
        return selectors.bank_accounts_for(actor_of(self.request))

    @extend_schema(request=payouts.BankAccountInput, responses={201: payouts.BankAccountSerializer, **PROBLEMS})
    def create(self, request: Request) -> Response:
        """Register or replace the account; payouts go to it once its freeze is over."""
        given = validated(payouts.BankAccountInput, request)
        account = bank_accounts.bank_account_set(actor=actor_of(request), **given)
        return Response(payouts.BankAccountSerializer(account).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={200: payouts.BankAccountSerializer, **PROBLEMS})
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """Say, as a finance officer, that the account is the organisation's own: nothing is approved before."""
        account = bank_accounts.bank_account_verify(actor=actor_of(request), account_id=uuid_of(pk))
        return Response(payouts.BankAccountSerializer(account).data)


def validated(shape: type[serializers.Serializer[Any]], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """The checked body of a write."""
    serializer = shape(data=request.data, partial=partial)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def uuid_of(text: str) -> UUID:
    """An id from a query string; NotFound when it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
