"""The ways in which institutions put money behind a campaign."""

from django.db import models

from marketplace.common.text import bi


class Instrument(models.TextChoices):
    """What a funder gives its money for; a loan or a share in a company is here an intent only."""

    GRANT = "grant", bi("无偿资助", "Grant")
    REVENUE_SHARE = "revenue_share", bi("收入分成", "Revenue share")
    LOAN_INTENT = "loan_intent", bi("借款意向", "Loan intent")
    EQUITY_INTENT = "equity_intent", bi("股权意向", "Equity intent")
