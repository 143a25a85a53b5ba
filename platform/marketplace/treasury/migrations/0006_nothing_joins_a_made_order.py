"""A payment joins an order only while that is being drawn up."""

from django.db import migrations

DRAFTS_ONLY = """
CREATE FUNCTION treasury_order_takes_no_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM treasury_paymentorder WHERE id = NEW.order_id AND state = 'draft') THEN
        RAISE EXCEPTION 'order % is made and takes no more payments', NEW.order_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER treasury_instruction_joins_a_draft BEFORE INSERT ON treasury_paymentinstruction FOR EACH ROW
    EXECUTE FUNCTION treasury_order_takes_no_more();
ALTER TABLE treasury_paymentinstruction ENABLE ALWAYS TRIGGER treasury_instruction_joins_a_draft;
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0005_line_decisions")]
    operations = [migrations.RunSQL(DRAFTS_ONLY, "DROP FUNCTION treasury_order_takes_no_more() CASCADE")]
