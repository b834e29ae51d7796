CREATE TABLE atp.training (
  imdb_id              varchar(10) PRIMARY KEY CHECK (imdb_id ~ '^tt[0-9]{7,8}$'),
  tmdb_id              integer UNIQUE CHECK (tmdb_id > 0),
  label                atp.label_type,
  human_labeled        boolean NOT NULL DEFAULT false,
  anomalous            boolean NOT NULL DEFAULT false,
  reviewed             boolean DEFAULT false,
  media_type           atp.media_type NOT NULL,
  media_title          varchar(255) NOT NULL,
  season               smallint,
  episode              smallint,
  release_year         smallint NOT NULL CHECK (release_year BETWEEN 1850 AND 2100),
  budget               bigint CHECK (budget >= 0),
  revenue              bigint CHECK (revenue >= 0),
  runtime              integer CHECK (runtime >= 0),
  origin_country       char(2)[],
  production_companies varchar(255)[],
  production_countries char(2)[],
  production_status    varchar(25),
  original_language    char(2),
  spoken_languages     char(2)[],
  genre                varchar(20)[],
  original_media_title varchar(255),
  tagline              varchar(255),
  overview             text,
  tmdb_rating          numeric(5, 3) CHECK (tmdb_rating BETWEEN 0 AND 10),
  tmdb_votes           integer CHECK (tmdb_votes >= 0),
  rt_score             integer CHECK (rt_score BETWEEN 0 AND 100),
  metascore            integer CHECK (metascore BETWEEN 0 AND 100),
  imdb_rating          numeric(4, 1) CHECK (imdb_rating BETWEEN 0 AND 100),
  imdb_votes           integer CHECK (imdb_votes >= 0),
  created_at           timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
  updated_at           timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')
);

CREATE INDEX idx_training_tmdb_id ON atp.training (tmdb_id);

CREATE TRIGGER training_set_updated_at
  BEFORE UPDATE ON atp.training
  FOR EACH ROW
  EXECUTE FUNCTION atp.set_updated_at();
