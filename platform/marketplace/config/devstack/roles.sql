-- The three roles of Jinqiao, run once by a superuser in an empty database. Names and passwords come from the environment.
--   owner      migrates and owns every table
--   app        what web and workers use: rows only, no table is its own; migrations of the ledger and the treasury take rights away
--   sequencer  moves ledger intents into the chain: nothing but what the ledger's migrations grant
\set ON_ERROR_STOP on
\getenv owner JINQIAO_OWNER_ROLE
\getenv owner_password JINQIAO_OWNER_PASSWORD
\getenv app JINQIAO_APP_ROLE
\getenv app_password JINQIAO_APP_PASSWORD
\getenv sequencer JINQIAO_SEQUENCER_ROLE
\getenv sequencer_password JINQIAO_SEQUENCER_PASSWORD

CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"app" LOGIN PASSWORD :'app_password';
CREATE ROLE :"sequencer" LOGIN PASSWORD :'sequencer_password';

SELECT current_database() AS database \gset
ALTER DATABASE :"database" OWNER TO :"owner";
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- A session's own tables would stand before the real ones of the same name.
REVOKE TEMPORARY ON DATABASE :"database" FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"app";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" GRANT USAGE, SELECT ON SEQUENCES TO :"app";
