-- Files with equal content as people see them: a keeper with its duplicates. Kept by triggers, because a list with the largest saving
-- first must not read a million files. See infra/adr/0026-files.md.
ALTER TABLE console.file_root ADD COLUMN device text CHECK (device <> '');
COMMENT ON COLUMN console.file_root.device IS 'The disk that it was on when a process last took its lock; it changes with a reboot';

CREATE TABLE console.duplicate_set (
  -- No foreign key: its check would lock the rows of keepers.
  keeper_id bigint PRIMARY KEY,
  size      bigint NOT NULL CHECK (size >= 0),
  kind      text NOT NULL,
  files     integer NOT NULL CHECK (files > 0),
  saving    bigint NOT NULL CHECK (saving >= 0),
  roots     integer[] NOT NULL,
  found_at  timestamptz NOT NULL
);
CREATE INDEX duplicate_set_saving ON console.duplicate_set (saving, keeper_id);
CREATE INDEX duplicate_set_size ON console.duplicate_set (size, keeper_id);
CREATE INDEX duplicate_set_files ON console.duplicate_set (files, keeper_id);
CREATE INDEX duplicate_set_found_at ON console.duplicate_set (found_at, keeper_id);

COMMENT ON TABLE console.duplicate_set IS 'A file that is kept, and what its duplicates take; written by triggers on console.file alone';
COMMENT ON COLUMN console.duplicate_set.keeper_id IS 'The file of console.file that its duplicates name';
COMMENT ON COLUMN console.duplicate_set.files IS 'Duplicates, without the keeper';
COMMENT ON COLUMN console.duplicate_set.saving IS 'Bytes of the inodes of its duplicates: names of one inode count once, those of the keeper never';
COMMENT ON COLUMN console.duplicate_set.roots IS 'Where its duplicates are';
COMMENT ON COLUMN console.duplicate_set.found_at IS 'When its latest duplicate was found';

-- The path of a file below its root, as text: bytes that are not UTF-8 are escaped.
CREATE FUNCTION console.file_path(directory bigint, file_name bytea) RETURNS text
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  path bytea;
BEGIN
  WITH RECURSIVE up AS (
    SELECT parent_id, CASE WHEN parent_id IS NULL THEN file_name ELSE name || '\x2f'::bytea || file_name END AS path
    FROM console.file_directory WHERE id = directory
    UNION ALL
    SELECT d.parent_id, CASE WHEN d.parent_id IS NULL THEN up.path ELSE d.name || '\x2f'::bytea || up.path END
    FROM up JOIN console.file_directory d ON d.id = up.parent_id
  )
  SELECT up.path INTO path FROM up WHERE parent_id IS NULL;
  BEGIN
    RETURN convert_from(path, 'UTF8');
  EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN encode(path, 'escape');
  END;
END
$$;

-- Counts the duplicates of keepers.
CREATE FUNCTION console.count_duplicates(keepers bigint[]) RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM console.duplicate_set s
  WHERE s.keeper_id = ANY(keepers) AND NOT EXISTS (SELECT FROM console.file f WHERE f.duplicate_of = s.keeper_id);

  WITH disk AS MATERIALIZED (
    SELECT id, min(id) OVER (PARTITION BY coalesce(device, 'root ' || id)) AS number FROM console.file_root
  ), counted AS (
    SELECT k.id, k.size, k.kind, count(*)::integer AS files,
      k.size * count(DISTINCT (disk.number, f.inode))
        FILTER (WHERE (disk.number, f.inode) IS DISTINCT FROM (own.number, k.inode)) AS saving,
      array_agg(DISTINCT disk.id) AS roots, max(f.found_at) AS found_at
    FROM console.file k
    LEFT JOIN console.file_directory here ON here.id = k.directory_id LEFT JOIN disk own ON own.id = here.root_id
    JOIN console.file f ON f.duplicate_of = k.id
    JOIN console.file_directory there ON there.id = f.directory_id JOIN disk ON disk.id = there.root_id
    WHERE k.id = ANY(keepers)
    GROUP BY k.id, own.number
  )
  INSERT INTO console.duplicate_set AS s (keeper_id, size, kind, files, saving, roots, found_at)
  SELECT id, size, kind, files, saving, roots, found_at FROM counted
  ON CONFLICT (keeper_id) DO UPDATE SET size = excluded.size, kind = excluded.kind, files = excluded.files, saving = excluded.saving,
    roots = excluded.roots, found_at = excluded.found_at
  WHERE (s.size, s.kind, s.files, s.saving, s.roots, s.found_at)
    IS DISTINCT FROM (excluded.size, excluded.kind, excluded.files, excluded.saving, excluded.roots, excluded.found_at);
$$;

CREATE FUNCTION console.note_duplicates() RETURNS trigger
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changed bigint[];
  keepers bigint[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM console.duplicate_set;
    RETURN NULL;
  ELSIF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT duplicate_of) INTO keepers FROM after WHERE duplicate_of IS NOT NULL;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT duplicate_of) INTO keepers FROM before WHERE duplicate_of IS NOT NULL;
  ELSE
    -- By sets, not by a join: its plan would be kept from a statement of few rows for one of many.
    SELECT array_agg(id), array_agg(DISTINCT keeper) FILTER (WHERE keeper IS NOT NULL) INTO changed, keepers
    FROM (
      (SELECT id, duplicate_of AS keeper, directory_id, inode, size FROM before
        EXCEPT SELECT id, duplicate_of, directory_id, inode, size FROM after)
      UNION ALL
      (SELECT id, duplicate_of, directory_id, inode, size FROM after
        EXCEPT SELECT id, duplicate_of, directory_id, inode, size FROM before)
    ) c;
    IF changed IS NOT NULL THEN
      keepers := keepers || ARRAY(SELECT keeper_id FROM console.duplicate_set WHERE keeper_id = ANY(changed));
    END IF;
  END IF;
  IF cardinality(keepers) > 0 THEN
    PERFORM console.count_duplicates(keepers);
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER file_inserted_duplicates
  AFTER INSERT ON console.file REFERENCING NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION console.note_duplicates();
CREATE TRIGGER file_updated_duplicates
  AFTER UPDATE ON console.file REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION console.note_duplicates();
CREATE TRIGGER file_deleted_duplicates
  AFTER DELETE ON console.file REFERENCING OLD TABLE AS before
  FOR EACH STATEMENT EXECUTE FUNCTION console.note_duplicates();
CREATE TRIGGER file_truncated_duplicates
  AFTER TRUNCATE ON console.file
  FOR EACH STATEMENT EXECUTE FUNCTION console.note_duplicates();

SELECT console.count_duplicates(ARRAY(SELECT DISTINCT duplicate_of FROM console.file WHERE duplicate_of IS NOT NULL));
