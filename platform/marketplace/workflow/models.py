"""The columns every object with states has, and the audit trail of its changes."""

from typing import Any, ClassVar

from django.db import models

from marketplace.common import policy
from marketplace.common.ids import uuid7
from marketplace.workflow.machine import Machine, State


class Stateful(models.Model):
    """An object whose state only `workflow.perform` changes."""

    machine: ClassVar[Machine]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=32, editable=False)
    due_at = models.DateTimeField(null=True, editable=False)
    escalations = models.PositiveSmallIntegerField(default=0, editable=False)
    policy = models.JSONField(default=policy.stamp, editable=False)
    created_at = models.DateTimeField(editable=False)
    updated_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    @property
    def state_rule(self) -> State:
        return self.machine.states[self.state]

    @property
    def is_final(self) -> bool:
        return self.state_rule.final

    @property
    def state_label(self) -> Any:
        """The state's name in the reader's language."""
        field = self._meta.get_field("state")
        assert isinstance(field, models.Field)
        return dict(field.flatchoices).get(self.state, self.state)


class Change(models.Model):
    """One change of state, as audit rows keep it: office and organisation by value, person by id."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="Also the ledger intent's id.")
    machine = models.CharField(max_length=32)
    object_id = models.UUIDField()
    action = models.CharField(max_length=40)
    source = models.CharField(max_length=32, blank=True)
    target = models.CharField(max_length=32)
    actor_label = models.CharField(max_length=40)
    organisation_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["machine", "object_id", "at"], name="change_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.machine}.{self.action} {self.object_id}"
