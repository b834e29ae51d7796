-- A live tail hands out the lines of transactions that it has not seen yet. Neither a clock nor a sequence says which these are:
-- lines are committed in another order than they are numbered and timed. Lines from before this migration have none.
ALTER TABLE console.run_log ADD COLUMN txid xid8;
ALTER TABLE console.run_log ALTER COLUMN txid SET DEFAULT pg_current_xact_id();

CREATE INDEX run_log_txid ON console.run_log (txid);

COMMENT ON COLUMN console.run_log.txid IS 'The transaction that wrote it; null: written before live tails existed';
