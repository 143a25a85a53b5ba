"""Let what people deposited in their own name go with those who were erased before it did so by itself."""

from typing import Any

from django.core.management.base import BaseCommand

from marketplace.common.text import bi
from marketplace.evidence.services import forgetting


class Command(BaseCommand):
    help = "Forget what people erased earlier had deposited in their own name: titles and what opens the entries. Once is enough."

    def handle(self, *args: Any, **options: Any) -> None:
        count = forgetting.of_those_erased_before()
        self.stdout.write(
            self.style.SUCCESS(str(bi(f"✓ 已处理 {count} 位已注销的存证人。", f"✓ {count} erased people's deposits forgotten.")))
        )
