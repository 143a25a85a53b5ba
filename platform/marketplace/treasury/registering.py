"""Which rule stands behind which move of the treasury's own objects."""

from marketplace.treasury import permissions
from marketplace.treasury.models import PaymentOrder
from marketplace.treasury.services import payment_orders
from marketplace.treasury.workflow import PAYMENT_ORDER
from marketplace.workflow import registry


def register() -> None:
    """Called once, when the apps are ready."""
    registry.register(
        PAYMENT_ORDER,
        model=PaymentOrder,
        roles_of=lambda actor, order: frozenset(),
        visible=permissions.order_visible,
        public=lambda order: False,
        effects={"make": payment_orders.make},
    )
