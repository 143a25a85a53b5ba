"""Lines that were read before ids, accounts and messages had one form are put into it, so that they are found as new ones are."""

from django.db import migrations

# The bank said the same: what changes is how its characters are written. A line whose id in this form is taken stays as it is.
ONE_FORM = r"""
ALTER TABLE treasury_statementline DISABLE TRIGGER treasury_line_matches_once;

WITH written AS (
    SELECT id, bank_line_id AS old, replace(normalize(regexp_replace(bank_line_id, '[\u00ad\u200b-\u200d\u2060\ufeff]', '', 'g'), NFKC), ' ', '') AS new
    FROM treasury_statementline
), first AS (
    SELECT DISTINCT ON (new) id, new FROM written WHERE old <> new AND length(new) BETWEEN 1 AND 64 ORDER BY new, id
)
UPDATE treasury_statementline AS line SET bank_line_id = first.new FROM first
WHERE line.id = first.id AND NOT EXISTS (SELECT 1 FROM treasury_statementline AS other WHERE other.bank_line_id = first.new);

WITH written AS (
    SELECT id, payer_account, reference,
           replace(normalize(regexp_replace(payer_account, '[\u00ad\u200b-\u200d\u2060\ufeff]', '', 'g'), NFKC), ' ', '') AS account,
           btrim(regexp_replace(normalize(regexp_replace(reference, '[\u00ad\u200b-\u200d\u2060\ufeff]', '', 'g'), NFKC), ' +', ' ', 'g')) AS message
    FROM treasury_statementline
)
UPDATE treasury_statementline AS line SET payer_account = written.account, reference = written.message FROM written
WHERE line.id = written.id AND (written.account, written.message) <> (written.payer_account, written.reference)
  AND length(written.account) <= 64 AND length(written.message) <= 400;

SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE treasury_statementline ENABLE ALWAYS TRIGGER treasury_line_matches_once;
"""


class Migration(migrations.Migration):
    dependencies = [("treasury", "0015_imports_that_stop")]

    operations = [migrations.RunSQL(ONE_FORM, migrations.RunSQL.noop)]
