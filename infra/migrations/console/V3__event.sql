-- What changed in the platform's tables, for whoever wants to follow along: written by triggers on these (set
-- atp-extras) or, where those are missing, by the API, which then looks for itself.
CREATE TABLE console.event (
  seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  txid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
  origin   xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at       timestamptz NOT NULL DEFAULT now(),
  type     text NOT NULL CHECK (type ~ '^[a-z_]+\.[a-z_]+$'),
  actor    text NOT NULL DEFAULT 'database',
  imdb_ids text[],
  hashes   text[],
  payload  jsonb NOT NULL DEFAULT '{}'
);

CREATE UNIQUE INDEX event_order ON console.event (txid, seq);
CREATE INDEX event_latest ON console.event (at DESC, seq DESC);
-- Who made a change to a title is known to the label event of the same transaction.
CREATE INDEX label_event_txid ON console.label_event (txid);

CREATE TRIGGER event_append_only
  BEFORE UPDATE OR TRUNCATE ON console.event
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.refuse_rewrite();

CREATE TRIGGER event_kept
  BEFORE DELETE ON console.event
  FOR EACH ROW WHEN (OLD.at >= now() - interval '7 days')
  EXECUTE FUNCTION console.refuse_rewrite();

CREATE TABLE console.event_state (
  only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  polled    pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
  forgotten xid8 NOT NULL DEFAULT '0'
);
INSERT INTO console.event_state DEFAULT VALUES;

-- A sequence, because it counts on when the transaction that failed to write is rolled back.
CREATE SEQUENCE console.events_lost MINVALUE 0 START 0;
SELECT setval('console.events_lost', 0);

-- Runs inside the statements of others, with the rights of the owner of this schema. Whatever goes wrong here is counted
-- and logged; their statement never fails and never waits for it.
CREATE FUNCTION console.note_change() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '100ms'
AS $$
DECLARE
  most     CONSTANT integer := 100;
  is_media CONSTANT boolean := TG_TABLE_NAME = 'media';
  earlier  CURSOR FOR SELECT * FROM old_rows;
  was      record;
  becomes  record;
  changed  integer := 0;
  titles   text[] := '{}';
  items    text[] := '{}';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    -- Both tables hold the rows in the order they were updated, so nothing has to be sorted or joined, and the reading
    -- ends as soon as it is known that there are many.
    OPEN earlier;
    FOR becomes IN SELECT * FROM new_rows LOOP
      FETCH earlier INTO was;
      IF TG_TABLE_NAME <> 'prediction' THEN
        was.updated_at := becomes.updated_at;
      END IF;
      CONTINUE WHEN was *= becomes;
      changed := changed + 1;
      EXIT WHEN changed > most;
      titles := titles || becomes.imdb_id::text;
      IF was.imdb_id IS DISTINCT FROM becomes.imdb_id THEN
        titles := titles || was.imdb_id::text;
      END IF;
      IF is_media THEN
        items := items || becomes.hash::text;
        IF was.hash <> becomes.hash THEN
          items := items || was.hash::text;
        END IF;
      END IF;
    END LOOP;
  ELSIF TG_OP = 'INSERT' THEN
    FOR becomes IN SELECT * FROM new_rows LIMIT most + 1 LOOP
      changed := changed + 1;
      titles := titles || becomes.imdb_id::text;
      IF is_media THEN
        items := items || becomes.hash::text;
      END IF;
    END LOOP;
  ELSIF TG_OP = 'DELETE' THEN
    FOR was IN SELECT * FROM old_rows LIMIT most + 1 LOOP
      changed := changed + 1;
      titles := titles || was.imdb_id::text;
      IF is_media THEN
        items := items || was.hash::text;
      END IF;
    END LOOP;
  ELSE
    changed := most + 1;
  END IF;
  IF changed = 0 THEN
    RETURN NULL;
  END IF;

  IF changed > most THEN
    titles := NULL;
    items := CASE WHEN is_media THEN NULL ELSE '{}'::text[] END;
  ELSE
    titles := ARRAY(SELECT DISTINCT id FROM unnest(titles) AS id WHERE id IS NOT NULL ORDER BY id);
  END IF;
  INSERT INTO console.event (type, imdb_ids, hashes, payload)
  VALUES (TG_ARGV[0], titles, items,
    jsonb_build_object('operation', CASE TG_OP WHEN 'TRUNCATE' THEN 'delete' ELSE lower(TG_OP) END));
  -- A full queue fails the commit that notifies, and a prepared transaction may not notify at all. Readers look by
  -- themselves every two seconds, so being silent costs only time.
  IF pg_notification_queue_usage() < 0.5 AND current_setting('max_prepared_transactions') = '0' THEN
    PERFORM pg_notify('console_event', '');
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RAISE LOG 'A change of %.% is not in console.event: %', TG_TABLE_SCHEMA, TG_TABLE_NAME, SQLERRM;
  BEGIN
    PERFORM nextval('console.events_lost');
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  RETURN NULL;
END
$$;

-- Deletes up to at_most events that are older than seven days and returns how many it were.
CREATE FUNCTION console.forget_events(at_most integer) RETURNS integer
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM console.event
    WHERE seq IN (SELECT seq FROM console.event WHERE at < now() - interval '7 days' ORDER BY at LIMIT at_most)
    RETURNING txid
  ), noted AS (
    UPDATE console.event_state
    SET forgotten = greatest(forgotten, latest.txid)
    FROM (
      -- One of another cluster, out of a restored dump, would be ahead of all that is to come.
      SELECT txid FROM gone WHERE txid < pg_snapshot_xmax(pg_current_snapshot()) ORDER BY txid DESC LIMIT 1
    ) AS latest
  )
  SELECT count(*)::integer FROM gone
$$;

-- How many changes the triggers could not write down since this migration.
CREATE FUNCTION console.count_lost_events() RETURNS bigint
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS 'SELECT last_value FROM console.events_lost';

COMMENT ON TABLE console.event IS
  'One row per statement, or poll, that changed rows of the platform''s tables; append-only, kept for seven days';
COMMENT ON COLUMN console.event.txid IS
  'The writing transaction. seq commits out of order: deliver by (txid, seq), and only rows whose txid is below pg_snapshot_xmin(pg_current_snapshot())';
COMMENT ON COLUMN console.event.origin IS 'The transaction that made the change; not txid where polling found it';
COMMENT ON COLUMN console.event.actor IS
  'database unless known; a label event whose txid is origin knows better';
COMMENT ON COLUMN console.event.imdb_ids IS 'The titles it concerns; null: too many to name';
COMMENT ON COLUMN console.event.hashes IS 'The media items it concerns; null: too many to name';
COMMENT ON COLUMN console.event.payload IS 'operation: insert, update or delete; absent where polling found the change';
COMMENT ON COLUMN console.event_state.polled IS 'What the last poll that found something saw';
COMMENT ON COLUMN console.event_state.forgotten IS 'The latest transaction whose events were deleted';
