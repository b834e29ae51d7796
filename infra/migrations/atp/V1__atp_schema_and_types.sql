-- The platform's schema for a fresh database. Where another project keeps atp, this set must change nothing,
-- whichever program runs it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'atp') THEN
    RAISE EXCEPTION 'schema atp exists, but this migration set did not make it'
      USING HINT = 'The set is for a fresh database. On this one run the console set only.';
  END IF;
END
$$;

CREATE SCHEMA atp;

CREATE TYPE atp.media_type AS ENUM ('movie', 'tv_show', 'tv_season', 'unknown', 'tv_episode_pack');

CREATE TYPE atp.pipeline_status AS ENUM (
  'ingested',
  'paused',
  'parsed',
  'rejected',
  'file_accepted',
  'metadata_collected',
  'media_accepted',
  'downloading',
  'downloaded',
  'transferred',
  'complete'
);

CREATE TYPE atp.rejection_status AS ENUM ('unfiltered', 'accepted', 'rejected', 'override');

CREATE TYPE atp.rss_source AS ENUM ('yts.mx', 'episodefeed.com');

CREATE TYPE atp.label_type AS ENUM ('would_watch', 'would_not_watch');

-- AT TIME ZONE 'UTC' makes a time without zone, which is then read in the session's zone: right in UTC sessions only.
CREATE FUNCTION atp.set_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := CURRENT_TIMESTAMP AT TIME ZONE 'UTC';
  RETURN NEW;
END
$$;
