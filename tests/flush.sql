-- What the tests' owner connection does between tests that commit: empty every table, however append-only, and put back
-- the rows that migrations had made.
DROP SCHEMA IF EXISTS testing CASCADE;
CREATE SCHEMA testing;
CREATE TABLE testing.seeded (relation regclass PRIMARY KEY, columns text NOT NULL);
CREATE TABLE testing.counters (sequence regclass PRIMARY KEY, first bigint NOT NULL);

CREATE FUNCTION testing.is_full(relation regclass) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE full_ boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', relation) INTO full_;
    RETURN full_;
END $$;

CREATE FUNCTION testing.tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT c.oid::regclass FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    ORDER BY c.oid
$$;

CREATE FUNCTION testing.remember() RETURNS void LANGUAGE plpgsql AS $$
DECLARE relation regclass; names text;
BEGIN
    INSERT INTO testing.counters SELECT s.seqrelid, s.seqstart FROM pg_sequence s JOIN pg_depend d ON d.objid = s.seqrelid AND d.deptype IN ('a', 'i')
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT testing.tables());
    FOR relation IN SELECT testing.tables() LOOP
        CONTINUE WHEN NOT testing.is_full(relation);
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO names FROM pg_attribute
        WHERE attrelid = relation AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        INSERT INTO testing.seeded VALUES (relation, names);
        EXECUTE format('CREATE TABLE testing.%I AS SELECT %s FROM %s', 'seed_' || relation::oid, names, relation);
    END LOOP;
END $$;

-- Emptying small tables row by row costs a seventh of a truncation, which makes new files for every table and index that it reaches.
-- What a table had of rows deleted earlier stays in its file, so a file that has grown is made anew.
CREATE FUNCTION testing.flush() RETURNS void LANGUAGE plpgsql AS $$
DECLARE full_tables regclass[]; grown boolean; guard record; seed record; counter record; identity_ record;
BEGIN
    SET LOCAL lock_timeout = '5s';
    EXECUTE (SELECT 'LOCK TABLE ' || string_agg(t::text, ', ') || ' IN SHARE ROW EXCLUSIVE MODE' FROM testing.tables() t);
    SELECT array_agg(t) INTO full_tables FROM testing.tables() t WHERE testing.is_full(t) OR t IN (SELECT s.relation FROM testing.seeded s);
    IF full_tables IS NULL THEN
        RETURN;
    END IF;
    grown := EXISTS (SELECT 1 FROM unnest(full_tables) t WHERE pg_relation_size(t) > 256 * 1024);
    -- A truncation cascades to tables that refer to the full ones, so their guards must be lowered as well.
    CREATE TEMP TABLE lowered ON COMMIT DROP AS
        SELECT tgrelid::regclass AS relation, tgname, tgenabled FROM pg_trigger
        WHERE NOT tgisinternal AND (tgrelid = ANY (full_tables) OR grown AND tgtype & 32 <> 0 AND tgrelid IN (SELECT testing.tables()));
    FOR guard IN SELECT * FROM lowered LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', guard.relation, guard.tgname);
    END LOOP;
    IF grown THEN
        EXECUTE 'TRUNCATE ' || array_to_string(full_tables, ', ') || ' CASCADE';
    ELSE
        -- In one statement, since some references are judged at the end of each.
        SET CONSTRAINTS ALL DEFERRED;
        EXECUTE (SELECT 'WITH ' || string_agg(format('d%s AS (DELETE FROM %s)', t::oid, t), ', ') || ' SELECT' FROM unnest(full_tables) t);
        SET CONSTRAINTS ALL IMMEDIATE;
    END IF;
    FOR counter IN SELECT * FROM testing.counters WHERE pg_sequence_last_value(sequence) IS NOT NULL LOOP
        PERFORM setval(counter.sequence, counter.first, false);
    END LOOP;
    FOR seed IN SELECT * FROM testing.seeded ORDER BY relation::oid LOOP
        EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM testing.%3$I', seed.relation, seed.columns, 'seed_' || seed.relation::oid);
        FOR identity_ IN
            SELECT attname, pg_get_serial_sequence(seed.relation::text, attname) AS sequence FROM pg_attribute
            WHERE attrelid = seed.relation AND attnum > 0 AND NOT attisdropped AND attidentity <> ''
        LOOP
            EXECUTE format('SELECT setval(%L, greatest(1, (SELECT max(%I) FROM %s)))', identity_.sequence, identity_.attname, seed.relation);
        END LOOP;
    END LOOP;
    FOR guard IN SELECT * FROM lowered LOOP
        EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', guard.relation,
                       CASE guard.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE '' END, guard.tgname);
    END LOOP;
    DROP TABLE lowered;
END $$;
