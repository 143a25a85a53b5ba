"""The API's own description: every operation says how it may refuse, without a word in any view."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema

from marketplace.common.problems import CONTENT_TYPE, ProblemSerializer

READ_PROBLEMS = ("400", "401", "403", "404", "406", "422", "429", "503")
WRITE_PROBLEMS = (*READ_PROBLEMS, "409", "415")


class ProblemAwareSchema(AutoSchema):
    """Adds the refusals of RFC 9457 to what a view declares, and gives each its media type."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction=direction)
        declared = {str(status) for status in bodies if str(status)[0] in "45"}
        for status in declared | set(READ_PROBLEMS if self.method == "GET" else WRITE_PROBLEMS):
            shown = self._get_response_for_code(ProblemSerializer, status, [CONTENT_TYPE], direction)  # type: ignore[no-untyped-call]  # left untyped
            bodies[status] = shown
        return dict(sorted(bodies.items()))
