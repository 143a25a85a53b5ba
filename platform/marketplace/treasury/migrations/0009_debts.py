"""Debts: what the bank took back of an organisation's money after that was spent."""

from django.db import migrations, models

KINDS = [
    ("custody", "银行存管"),
    ("wallet", "单位钱包"),
    ("matching_pool", "引导基金"),
    ("campaign_escrow", "募资监管"),
    ("agreement_escrow", "协议托管"),
    ("deposit", "诚意金"),
    ("disputed", "争议冻结"),
    ("payable", "应付未划"),
    ("revenue", "收入分成"),
    ("debt", "单位欠款"),
    ("in_transit", "划付在途"),
    ("fee", "平台费"),
]

# As in 0002, with the rules of debts: the bank alone makes one, its own wallet alone repays it, and while there is one that wallet
# pays nobody else. The account's lock is held when the debt is read, and who makes a debt holds the wallet's too.
APPLY = """
CREATE OR REPLACE FUNCTION treasury_apply_transfer() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    one record;
    payer record;
    payee record;
    hold treasury_transfer;
    moved bigint := 0;
    held bigint := 0;
BEGIN
    FOR one IN
        SELECT id, kind, owner_id, posted_in - posted_out - pending_out AS available FROM treasury_account
        WHERE id IN (NEW.source_id, NEW.target_id) ORDER BY id FOR NO KEY UPDATE
    LOOP
        IF one.id = NEW.source_id THEN payer := one; ELSE payee := one; END IF;
    END LOOP;

    IF NEW.pending_id IS NULL THEN
        IF payer.kind = 'wallet' AND payee.kind NOT IN ('custody', 'debt') AND EXISTS (
            SELECT 1 FROM treasury_account d
            WHERE d.kind = 'debt' AND d.owner_id = payer.owner_id AND d.currency = NEW.currency AND d.posted_out > d.posted_in
        ) THEN
            RAISE EXCEPTION 'account % repays its debt before it pays', NEW.source_id USING ERRCODE = 'JQ005';
        END IF;
        IF payer.kind NOT IN ('custody', 'debt') AND payer.available < NEW.fen THEN
            RAISE EXCEPTION 'account % cannot pay % fen', NEW.source_id, NEW.fen USING ERRCODE = 'JQ001';
        END IF;
    END IF;
    IF (payer.kind = 'debt' AND payee.kind <> 'custody')
       OR (payee.kind = 'debt' AND (payer.kind, payer.owner_id) IS DISTINCT FROM ('wallet', payee.owner_id)) THEN
        RAISE EXCEPTION 'a debt is made by the bank and repaid from its own wallet' USING ERRCODE = 'restrict_violation';
    END IF;

    IF NEW.pending_id IS NOT NULL THEN
        SELECT * INTO hold FROM treasury_transfer WHERE id = NEW.pending_id AND kind = 'pending';
        IF NOT FOUND OR (hold.source_id, hold.target_id) IS DISTINCT FROM (NEW.source_id, NEW.target_id) THEN
            RAISE EXCEPTION 'transfer % is no hold between these accounts', NEW.pending_id USING ERRCODE = 'JQ002';
        END IF;
        IF NEW.fen > hold.fen OR (NEW.kind <> 'post' AND NEW.fen <> hold.fen) THEN
            RAISE EXCEPTION 'hold % is of % fen, not %', hold.id, hold.fen, NEW.fen USING ERRCODE = 'JQ003';
        END IF;
        held := -hold.fen;
    ELSIF NEW.kind = 'pending' THEN
        held := NEW.fen;
    END IF;
    IF NEW.kind IN ('posted', 'post') THEN
        moved := NEW.fen;
    END IF;

    UPDATE treasury_account AS a SET
        posted_out = a.posted_out + CASE a.id WHEN NEW.source_id THEN moved ELSE 0 END,
        posted_in = a.posted_in + CASE a.id WHEN NEW.target_id THEN moved ELSE 0 END,
        pending_out = a.pending_out + CASE a.id WHEN NEW.source_id THEN held ELSE 0 END,
        pending_in = a.pending_in + CASE a.id WHEN NEW.target_id THEN held ELSE 0 END
    WHERE a.id IN (NEW.source_id, NEW.target_id);
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0008_matching_pools")]
    operations = [
        migrations.RemoveConstraint(model_name="account", name="account_kind_is_known"),
        migrations.RemoveConstraint(model_name="account", name="account_available_not_negative"),
        migrations.AlterField(model_name="account", name="kind", field=models.CharField(choices=KINDS, editable=False, max_length=16)),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="account_kind_is_known"),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ("custody", "debt")),
                    ("posted_in__gte", models.F("posted_out") + models.F("pending_out")),
                    _connector="OR",
                ),
                name="account_available_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "debt"), _negated=True),
                    ("posted_out__gte", models.F("posted_in") + models.F("pending_in")),
                    _connector="OR",
                ),
                name="account_debt_repaid_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="statementline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("matched_kind", "charge_back")), fields=("matched_id",), name="statement_line_charged_back_once"
            ),
        ),
        # Going back needs no older rules: where no debt is, these say the same.
        migrations.RunSQL(APPLY, migrations.RunSQL.noop),
    ]
