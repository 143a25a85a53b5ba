"""What a campaign's text promises, told while it is written."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from marketplace.common.actor import signed_in
from marketplace.funding import promises
from marketplace.funding.models import LONGEST_TEXT


@require_POST
def wording(request: HttpRequest) -> JsonResponse:
    """The sentences that name each wording of the text which may not stand; nothing is kept.

    Nothing is read beyond the longest text that a campaign may have.
    """
    signed_in(request)
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    return JsonResponse({"findings": [str(finding.told) for finding in promises.findings(text)]})
