CREATE TABLE atp.prediction (
  imdb_id     varchar(10) PRIMARY KEY CHECK (imdb_id ~ '^tt[0-9]{7,8}$'),
  prediction  smallint NOT NULL CHECK (prediction IN (0, 1)),
  probability numeric NOT NULL CHECK (probability BETWEEN 0 AND 1),
  cm_value    char(2) NOT NULL CHECK (cm_value IN ('tp', 'tn', 'fp', 'fn')),
  created_at  timestamptz NOT NULL DEFAULT (CURRENT_TIMESTAMP AT TIME ZONE 'UTC')
);
