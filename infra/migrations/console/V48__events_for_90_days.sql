-- Events are kept for 90 days instead of seven, and what a person asked of files and runs for a year, like an audit: who did what is asked later
-- than that. The stream still continues for seven days only.
CREATE FUNCTION console.event_kept_for(actor text, payload jsonb) RETURNS interval
  LANGUAGE sql
  IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN payload ? 'action' AND actor NOT IN ('worker', 'database', 'schedule') THEN interval '365 days'
    ELSE interval '90 days'
  END
$$;

DROP TRIGGER event_kept ON console.event;
CREATE TRIGGER event_kept
  BEFORE DELETE ON console.event
  FOR EACH ROW WHEN (OLD.at >= now() - console.event_kept_for(OLD.actor, OLD.payload))
  EXECUTE FUNCTION console.refuse_rewrite();

-- The function of V3. Deletes up to at_most events that are no longer kept and returns how many it were.
CREATE OR REPLACE FUNCTION console.forget_events(at_most integer) RETURNS integer
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM console.event
    WHERE seq IN (
      SELECT seq FROM console.event
      -- By the index on the time; few of these are kept for longer.
      WHERE at < now() - interval '90 days' AND at < now() - console.event_kept_for(actor, payload)
      ORDER BY at LIMIT at_most
    )
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
