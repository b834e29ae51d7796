CREATE TABLE atp.engineered (
  imdb_id              varchar(10) PRIMARY KEY CHECK (imdb_id ~ '^tt[0-9]{7,8}$'),
  media_title          varchar(255),
  label                integer,
  release_year         double precision,
  budget               double precision,
  revenue              double precision,
  runtime              double precision,
  origin_country       smallint[],
  production_companies smallint[],
  production_countries smallint[],
  production_status    varchar(25),
  original_language    char(2),
  spoken_languages     smallint[],
  genre                smallint[],
  tmdb_rating          numeric(5, 3),
  tmdb_votes           double precision,
  rt_score             double precision,
  metascore            double precision,
  imdb_rating          numeric(4, 1),
  imdb_votes           double precision,
  anomalous            boolean,
  created_at           timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC'),
  updated_at           timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')
);

CREATE TABLE atp.engineered_normalization_table (
  feature varchar(255),
  min     double precision,
  max     double precision
);

CREATE TABLE atp.engineered_schema (
  original_column  varchar(255),
  exploded_mapping varchar(255)[]
);
