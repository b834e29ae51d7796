-- Before PostgreSQL 16 a cursor keeps its name until the transaction ends unless it is closed: only the first UPDATE of a
-- transaction was an event there, and the others were counted as lost. The function is that of V3, with CLOSE.
CREATE OR REPLACE FUNCTION console.note_change() RETURNS trigger
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
    CLOSE earlier;
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
