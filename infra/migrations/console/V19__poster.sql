-- Where TMDB has the poster of a title; a null says that it has none. See infra/adr/0025-posters.md.
CREATE TABLE console.poster (
  imdb_id    varchar(10) PRIMARY KEY,
  path       text CONSTRAINT poster_path_names_a_picture CHECK (path ~ '^/[A-Za-z0-9_-]{1,100}\.(jpg|jpeg|png|webp)$'),
  updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE console.poster IS 'The poster of a title, kept by each refresh of its metadata';

-- Pages that show the title show its new poster. A row is made without a path, so that no title counts as added.
CREATE TRIGGER poster_changed
  AFTER UPDATE ON console.poster
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT
  EXECUTE FUNCTION console.note_change('title.changed');
