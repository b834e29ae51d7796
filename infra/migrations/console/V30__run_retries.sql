-- A run may be continued so many times; those before this version do not count.
ALTER TABLE console.run ADD COLUMN retries smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN console.run.retries IS 'How often it was continued after its end';
