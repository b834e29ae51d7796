-- What became of the writes of the last day: one row each, written in the transaction of the write itself. A request that is
-- repeated, by its caller or after a broken connection, finds its row here and changes nothing.
CREATE TABLE console.write (
  actor      text COLLATE "C" NOT NULL,
  key        text COLLATE "C" NOT NULL,
  digest     text NOT NULL,
  request_id text,
  outcome    json NOT NULL,
  effects    json,
  at         timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (actor, key)
);

-- Deletes up to at_most rows that are older than a day and returns how many it were.
CREATE FUNCTION console.forget_writes(at_most integer) RETURNS integer
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM console.write
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM console.write WHERE at < now() - interval '24 hours' LIMIT at_most))
    RETURNING 1
  )
  SELECT count(*)::integer FROM gone
$$;

-- Operations had a mechanism of their own for repeated requests.
ALTER TABLE console.operation DROP COLUMN idempotency_key, DROP COLUMN request_digest;

COMMENT ON TABLE console.write IS 'One row per write, kept for a day: a repeated request gets the same reply and changes nothing';
COMMENT ON COLUMN console.write.actor IS 'Who made the request; keys are theirs alone';
COMMENT ON COLUMN console.write.key IS 'The Idempotency-Key of the request, else its id, as in the header X-Request-Id';
COMMENT ON COLUMN console.write.digest IS 'Of method, path and body: a key belongs to one request';
COMMENT ON COLUMN console.write.request_id IS 'The request that made the write; null: the key is its id';
COMMENT ON COLUMN console.write.outcome IS 'What the reply is made from';
COMMENT ON COLUMN console.write.effects IS 'What the write then did outside of the database, for the reply; null: nothing, or not yet';
