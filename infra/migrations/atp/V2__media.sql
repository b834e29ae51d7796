CREATE TABLE atp.media (
  hash             char(40) PRIMARY KEY CHECK (hash ~ '^[a-f0-9]{40}$'),
  media_type       atp.media_type NOT NULL,
  media_title      varchar(255),
  season           integer,
  episode          integer,
  release_year     integer CHECK (release_year BETWEEN 1850 AND 2100),
  pipeline_status  atp.pipeline_status NOT NULL DEFAULT 'ingested',
  error_status     boolean NOT NULL DEFAULT false,
  error_condition  text,
  rejection_status atp.rejection_status NOT NULL DEFAULT 'unfiltered',
  rejection_reason text,
  parent_path      text,
  target_path      text,
  original_title   text NOT NULL,
  original_path    text,
  original_link    text,
  rss_source       atp.rss_source,
  uploader         varchar(25),
  imdb_id          varchar(10) CHECK (imdb_id ~ '^tt[0-9]{7,8}$'),
  tmdb_id          integer CHECK (tmdb_id > 0),
  resolution       varchar(10),
  video_codec      varchar(10),
  upload_type      varchar(10),
  audio_codec      varchar(10),
  created_at       timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
  updated_at       timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
  deleted_at       timestamptz
);

CREATE INDEX idx_media_imdb_id ON atp.media (imdb_id);
CREATE INDEX idx_media_tmdb_id ON atp.media (tmdb_id);
CREATE INDEX idx_media_pipeline_status ON atp.media (pipeline_status);

CREATE FUNCTION atp.media_clear_error_condition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.error_condition := NULL;
  RETURN NEW;
END
$$;

CREATE FUNCTION atp.media_clear_rejection_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.rejection_reason := NULL;
  RETURN NEW;
END
$$;

CREATE FUNCTION atp.media_reset_on_ingest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.rejection_status <> 'override' THEN
    NEW.rejection_status := 'unfiltered';
  END IF;
  NEW.rejection_reason := NULL;
  NEW.error_status := false;
  NEW.error_condition := NULL;
  RETURN NEW;
END
$$;

CREATE FUNCTION atp.media_reject_on_soft_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.rejection_status := 'rejected';
  NEW.rejection_reason := 'user deletion';
  RETURN NEW;
END
$$;

-- Triggers of one kind fire in the order of their names; the numbers make that order plain. Soft delete comes after
-- the reason is cleared, so that its own reason stays.
CREATE TRIGGER media_1_clear_error_condition
  BEFORE UPDATE ON atp.media
  FOR EACH ROW WHEN (NOT NEW.error_status)
  EXECUTE FUNCTION atp.media_clear_error_condition();

CREATE TRIGGER media_2_clear_rejection_reason
  BEFORE UPDATE ON atp.media
  FOR EACH ROW WHEN (NEW.rejection_status <> 'rejected')
  EXECUTE FUNCTION atp.media_clear_rejection_reason();

CREATE TRIGGER media_3_reset_on_ingest
  BEFORE UPDATE ON atp.media
  FOR EACH ROW WHEN (NEW.pipeline_status = 'ingested' AND OLD.pipeline_status <> 'ingested')
  EXECUTE FUNCTION atp.media_reset_on_ingest();

CREATE TRIGGER media_4_reject_on_soft_delete
  BEFORE UPDATE ON atp.media
  FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at)
  EXECUTE FUNCTION atp.media_reject_on_soft_delete();

CREATE TRIGGER media_5_set_updated_at
  BEFORE UPDATE ON atp.media
  FOR EACH ROW
  EXECUTE FUNCTION atp.set_updated_at();
