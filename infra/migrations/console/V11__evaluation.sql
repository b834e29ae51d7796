-- Totals of the evaluation and of slices. Triggers on the platform's tables (set atp-extras) write down what changed, and
-- readers add that to the totals, so that they need not read every title.
CREATE TABLE console.evaluation_change (
  source  text,
  imdb_id text,
  image   text[],
  sign    smallint NOT NULL DEFAULT 0
);

CREATE INDEX evaluation_change_imdb_id ON console.evaluation_change (imdb_id);

CREATE TABLE console.evaluation_total (
  dimension       text COLLATE "C" NOT NULL,
  slice           text COLLATE "C" NOT NULL,
  bin             smallint NOT NULL,
  media_type      text COLLATE "C",
  reviewed        boolean NOT NULL,
  anomalous       boolean,
  label           text COLLATE "C",
  cm_value        text COLLATE "C",
  titles          integer NOT NULL,
  probability_sum numeric NOT NULL,
  square_sum      numeric NOT NULL,
  CONSTRAINT evaluation_total_key
    UNIQUE NULLS NOT DISTINCT (dimension, bin, slice, media_type, reviewed, anomalous, label, cm_value)
);

CREATE TABLE console.evaluation_rank (
  bin   smallint PRIMARY KEY,
  ranks text COLLATE "C" NOT NULL
);

CREATE TABLE console.evaluation_state (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  counted_to   smallint NOT NULL DEFAULT -1,
  fingerprint  text,
  lost         bigint NOT NULL DEFAULT 0,
  unsure_until xid8
);
INSERT INTO console.evaluation_state DEFAULT VALUES;

-- A sequence, because it counts on when the transaction that failed to write is rolled back.
CREATE SEQUENCE console.evaluation_lost MINVALUE 0 START 0;
SELECT setval('console.evaluation_lost', 0);

-- Runs inside the statements of others, with the rights of the owner of this schema; their statement never fails because
-- of it. The columns of an image, and their order, are those of trainingImage and predictionImage in packages/domain.
CREATE FUNCTION console.note_evaluated() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET lock_timeout = '100ms'
  SET extra_float_digits = 1
AS $$
DECLARE
  most    CONSTANT integer := 20000;
  written integer;
BEGIN
  IF TG_TABLE_NAME = 'prediction' THEN
    IF TG_OP = 'UPDATE' THEN
      INSERT INTO console.evaluation_change
      SELECT 'prediction', side.*
      FROM old_rows o FULL JOIN new_rows n ON n.imdb_id = o.imdb_id
      CROSS JOIN LATERAL (VALUES
        (o.imdb_id::text, ARRAY[o.probability::text, o.cm_value::text], -1),
        (n.imdb_id::text, ARRAY[n.probability::text, n.cm_value::text], 1)
      ) AS side (imdb_id, image, sign)
      WHERE NOT ROW(o.imdb_id, o.probability, o.cm_value)::record *= ROW(n.imdb_id, n.probability, n.cm_value)::record
        AND side.imdb_id IS NOT NULL
      LIMIT most + 1;
    ELSIF TG_OP = 'INSERT' THEN
      INSERT INTO console.evaluation_change
      SELECT 'prediction', imdb_id, ARRAY[probability::text, cm_value::text], 1 FROM new_rows LIMIT most + 1;
    ELSE
      INSERT INTO console.evaluation_change
      SELECT 'prediction', imdb_id, ARRAY[probability::text, cm_value::text], -1 FROM old_rows LIMIT most + 1;
    END IF;
  ELSE
    IF TG_OP = 'UPDATE' THEN
      INSERT INTO console.evaluation_change
      SELECT 'training', side.*
      FROM old_rows o FULL JOIN new_rows n ON n.imdb_id = o.imdb_id
      CROSS JOIN LATERAL (VALUES
        (o.imdb_id::text, ARRAY[o.label::text, o.media_type::text, o.reviewed::text, o.anomalous::text, o.genre::text,
          o.release_year::text, o.origin_country::text, o.original_language::text, o.imdb_rating::text], -1),
        (n.imdb_id::text, ARRAY[n.label::text, n.media_type::text, n.reviewed::text, n.anomalous::text, n.genre::text,
          n.release_year::text, n.origin_country::text, n.original_language::text, n.imdb_rating::text], 1)
      ) AS side (imdb_id, image, sign)
      WHERE NOT ROW(o.imdb_id, o.label, o.media_type, o.reviewed, o.anomalous, o.genre, o.release_year, o.origin_country,
          o.original_language, o.imdb_rating)::record
        *= ROW(n.imdb_id, n.label, n.media_type, n.reviewed, n.anomalous, n.genre, n.release_year, n.origin_country,
          n.original_language, n.imdb_rating)::record
        AND side.imdb_id IS NOT NULL
      LIMIT most + 1;
    ELSIF TG_OP = 'INSERT' THEN
      INSERT INTO console.evaluation_change
      SELECT 'training', imdb_id, ARRAY[label::text, media_type::text, reviewed::text, anomalous::text, genre::text,
        release_year::text, origin_country::text, original_language::text, imdb_rating::text], 1
      FROM new_rows LIMIT most + 1;
    ELSE
      INSERT INTO console.evaluation_change
      SELECT 'training', imdb_id, ARRAY[label::text, media_type::text, reviewed::text, anomalous::text, genre::text,
        release_year::text, origin_country::text, original_language::text, imdb_rating::text], -1
      FROM old_rows LIMIT most + 1;
    END IF;
  END IF;
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written > most THEN
    INSERT INTO console.evaluation_change DEFAULT VALUES;
  END IF;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  RAISE LOG 'A change of %.% is not in console.evaluation_change: %', TG_TABLE_SCHEMA, TG_TABLE_NAME, SQLERRM;
  BEGIN
    PERFORM nextval('console.evaluation_lost');
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;
  RETURN NULL;
END
$$;

COMMENT ON TABLE console.evaluation_change IS
  'What is not in the totals yet, written in the transaction of the change: minus the row as it was, plus the row as it became';
COMMENT ON COLUMN console.evaluation_change.source IS
  'training or prediction; null: too many rows changed to name them, so everything is counted again';
COMMENT ON COLUMN console.evaluation_change.image IS 'The columns that are counted, as text';
COMMENT ON TABLE console.evaluation_total IS 'Titles with a prediction by all that an evaluation or a slice filters and counts';
COMMENT ON COLUMN console.evaluation_total.dimension IS 'genre, decade, country, language or rating; empty: all titles, each once';
COMMENT ON COLUMN console.evaluation_total.bin IS
  '2k: a probability of exactly k thousandths; 2k + 1: between k and k + 1; -1: not from 0 to 1; 10000 + k: in a slice, from k to k + 1 hundredths, all counted a second time';
COMMENT ON COLUMN console.evaluation_total.cm_value IS 'Null in a slice';
COMMENT ON COLUMN console.evaluation_total.probability_sum IS '0 in a slice';
COMMENT ON TABLE console.evaluation_rank IS
  'Labelled titles whose probability is between two thousandths, in ascending order, by ten-thousandths';
COMMENT ON COLUMN console.evaluation_rank.ranks IS
  'One character per title, for label and filters; ! before one with the same probability as the one before';
COMMENT ON TABLE console.evaluation_state IS 'What the totals include; also the lock of all who write or read them';
COMMENT ON COLUMN console.evaluation_state.counted_to IS
  'The totals include probabilities below this many thousandths; -1: nothing; 1001: everything';
COMMENT ON COLUMN console.evaluation_state.fingerprint IS
  'Of the triggers and tables when counting began; with another one everything is counted again';
COMMENT ON COLUMN console.evaluation_state.lost IS 'The value of the sequence evaluation_lost that is accounted for';
COMMENT ON COLUMN console.evaluation_state.unsure_until IS
  'A change was lost by a transaction below this one: when all of those have ended, everything is counted again';
