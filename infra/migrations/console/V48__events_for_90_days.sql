-- Events are kept for 90 days instead of seven: who did what is asked later than that. The stream still continues for seven only.
DROP TRIGGER event_kept ON console.event;
CREATE TRIGGER event_kept
  BEFORE DELETE ON console.event
  FOR EACH ROW WHEN (OLD.at >= now() - interval '90 days')
  EXECUTE FUNCTION console.refuse_rewrite();

-- The function of V3. Deletes up to at_most events that are older than 90 days and returns how many it were.
CREATE OR REPLACE FUNCTION console.forget_events(at_most integer) RETURNS integer
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH gone AS (
    DELETE FROM console.event
    WHERE seq IN (SELECT seq FROM console.event WHERE at < now() - interval '90 days' ORDER BY at LIMIT at_most)
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
