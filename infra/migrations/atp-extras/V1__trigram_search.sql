CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- The indexes name the operator class without a schema, because an extension that was there before may live anywhere.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_opclass WHERE opcname = 'gin_trgm_ops' AND pg_catalog.pg_opclass_is_visible(oid)
  ) THEN
    RAISE EXCEPTION 'pg_trgm is installed in schema %, which the search_path (%) does not reach',
      (SELECT extnamespace::regnamespace FROM pg_catalog.pg_extension WHERE extname = 'pg_trgm'),
      current_setting('search_path')
      USING HINT = 'Add that schema to this role''s search_path and run the set again.';
  END IF;
END
$$;
