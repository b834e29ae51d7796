-- Names of files are bytes. What is not UTF-8 is text with its bytes escaped, as in console.file_path.
CREATE FUNCTION console.text_of(bytes bytea) RETURNS text
  LANGUAGE plpgsql IMMUTABLE STRICT COST 1
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN encode(bytes, 'escape');
END
$$;
