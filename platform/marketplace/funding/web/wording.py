"""What a campaign's text promises, told while it is written."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from marketplace.common.actor import signed_in
from marketplace.funding import promises


@require_POST
def wording(request: HttpRequest) -> JsonResponse:
    """The sentences that name each wording of the text which may not stand; nothing is kept."""
    signed_in(request)
    return JsonResponse({"findings": [str(finding.told) for finding in promises.findings(request.POST.get("text", ""))]})
