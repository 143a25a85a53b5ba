"""The API: who is asked how, in which form, and how often. Rates are settings: the story and the bench raise them."""

import environ

from marketplace.common.text import bi

env = environ.Env()

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "marketplace.accounts.authentication.ApiKeyAuthentication",
        "marketplace.accounts.authentication.SessionTokenAuthentication",
        "marketplace.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "marketplace.common.pagination.Keyset",
    "PAGE_SIZE": 20,
    "DEFAULT_THROTTLE_CLASSES": ["marketplace.config.throttling.PerAddress", "marketplace.config.throttling.PerPerson"],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env("RATE_ANONYMOUS", default="120/min"),
        "user": env("RATE_PERSON", default="600/min"),
    },
    # Only the proxies we know may say whose address it is: what visitors write into X-Forwarded-For counts for nothing.
    "NUM_PROXIES": env.int("TRUSTED_PROXIES", default=0),
    "DEFAULT_SCHEMA_CLASS": "marketplace.common.openapi.ProblemAwareSchema",
    "EXCEPTION_HANDLER": "marketplace.common.problems.problem_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Jinqiao 津桥",
    "DESCRIPTION": bi("京津冀技术转移交易平台的接口。", "The interface of the technology-transfer exchange of Beijing, Tianjin and Hebei."),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Fields that are all called state, kind or role, each with values of its own.
    "ENUM_NAME_OVERRIDES": {
        "InterestKindEnum": "marketplace.interests.models.InterestKind",
        "IprStatusEnum": "marketplace.catalogue.models.IprStatus",
        "AgreementStateEnum": "marketplace.agreements.workflow.AgreementState",
        "MilestoneStateEnum": "marketplace.agreements.workflow.MilestoneState",
        "RevenueStateEnum": "marketplace.agreements.workflow.RevenueState",
        "TerminationReasonEnum": "marketplace.agreements.models.agreements.TerminationReason",
        "DeclineReasonEnum": "marketplace.demands.models.DeclineReason",
        "RefusalReasonEnum": "marketplace.demands.models.bids.RefusalReason",
        "PartyRoleEnum": "marketplace.agreements.models.PartyRole",
        "DemandStateEnum": "marketplace.demands.workflow.DemandState",
        "BidStateEnum": "marketplace.demands.workflow.BidState",
        "CampaignStateEnum": "marketplace.funding.workflow.CampaignState",
        "StepKindEnum": "marketplace.funding.progress.StepKind",
        "InstrumentEnum": "marketplace.funding.terms.Instrument",
        "PledgeStateEnum": "marketplace.funding.workflow.PledgeState",
        "PayoutStateEnum": "marketplace.funding.workflow.PayoutState",
        "PoolStateEnum": "marketplace.funding.pool_workflow.PoolState",
        "TeamStateEnum": "marketplace.catalogue.workflow.TeamState",
        "ExpertStateEnum": "marketplace.catalogue.workflow.ExpertState",
        "AchievementStateEnum": "marketplace.catalogue.workflow.AchievementState",
        "OrganisationStateEnum": "marketplace.accounts.workflow.OrganisationState",
        "OrganisationKindEnum": "marketplace.accounts.models.organisations.OrganisationKind",
        "StaffRoleEnum": "marketplace.accounts.models.staff.StaffRole",
        "MemberRoleEnum": "marketplace.accounts.models.organisations.MemberRole",
        "BankDirectionEnum": "marketplace.treasury.models.bank.Direction",
        "ImportPhaseEnum": "marketplace.catalogue.models.imports.ImportPhase",
        "StatementPhaseEnum": "marketplace.treasury.models.imports.StatementPhase",
        "LineDecisionStateEnum": "marketplace.treasury.workflow.LineDecisionState",
        "DecisionKindEnum": "marketplace.treasury.models.decisions.DecisionKind",
        "AccountKindEnum": "marketplace.treasury.models.books.AccountKind",
        "TransferKindEnum": "marketplace.treasury.models.books.TransferKind",
    },
}
