-- The words of a text as readers compare them: letters and digits in lower case without accents, one space between words.
-- Texts that differ only in how they were typed are the same words: composed or decomposed accents, typographic or plain
-- punctuation, hyphen or space, ligatures. The result depends on nothing but the text and the encoding of the database, and
-- no text fails.
-- The planner puts the body in place of a call. So queries match the indexes of set atp-extras, which are on a function of the
-- owner of atp with the same body. Never replace it: indexes would hold other words. A change needs new names.
DO $do$
DECLARE
  letters text;
  folded text;
BEGIN
  -- PostgreSQL normalises no other encoding: there only ASCII is folded.
  IF getdatabaseencoding() <> 'UTF8' THEN
    CREATE FUNCTION console.fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN btrim(regexp_replace(translate(lower(words COLLATE "C"), '''`', ''), '[\u0001-/:-@[-`{-\u007f]+', ' ', 'g'));
    RETURN;
  END IF;

  -- Ranges of code points, and the distance to those that replace them: capitals that have no accent. By a table and not by
  -- lower(), which differs between locales. The most frequent ones come first, which is faster: they stay as they are.
  SELECT string_agg(chr(code), '' ORDER BY distance <> 0, code),
    string_agg(chr(code + distance), '' ORDER BY distance <> 0, code)
  INTO letters, folded
  FROM (VALUES
    (32, 32, 1, 0), (48, 57, 1, 0), (97, 122, 1, 0), (1072, 1103, 1, 0),
    (65, 90, 1, 32), (198, 198, 1, 32), (222, 222, 1, 32), (338, 338, 1, 1), (399, 399, 1, 202), -- Latin
    (913, 929, 1, 32), (931, 937, 1, 32),                                                        -- Greek
    (1024, 1039, 1, 80), (1040, 1071, 1, 32), (1120, 1152, 2, 1), (1162, 1214, 2, 1),            -- Cyrillic
    (1216, 1216, 1, 15), (1217, 1229, 2, 1), (1232, 1326, 2, 1),
    (1329, 1366, 1, 48),                                                                         -- Armenian
    (7312, 7354, 1, -3008)                                                                       -- Georgian
  ) AS range (first, last, step, distance), generate_series(first, last, step) AS code;

  EXECUTE format(
    $sql$
    CREATE FUNCTION console.fold(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN btrim(CASE
      -- ASCII, as most titles.
      WHEN octet_length(words) = char_length(words)
      THEN regexp_replace(translate(lower(words COLLATE "C"), '''`', ''), '[^a-z0-9]+', ' ', 'g')
      ELSE regexp_replace(replace(replace(replace(replace(translate(
        regexp_replace(normalize(words COLLATE "C", NFKD), %L, '', 'g'),
        %L, %L), E'\u00df', 'ss'), E'\u00e6', 'ae'), E'\u0153', 'oe'), E'\u00fe', 'th'), %L, ' ', 'g')
    END)
    $sql$,
    -- Accents, with the space before one that stood alone; points of vowels, and invisible characters.
    ' ?[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+'
      || '|[\u00ad\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670'
      || '\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]',
    -- And letters with a stroke or without a dot, capital sharp s, the last sigma of a word; apostrophes go away.
    letters || unistr('\0110\0111\00d0\00f0\0126\0127\0131\0141\0142\014a\014b\00d8\00f8\0166\0167\1e9e\03c2')
      || unistr('''`\02b9\02bb\02bc\02bd\2018\2019\201b\2032'),
    folded || unistr('ddddhhillnnoott\00df\03c3'),
    -- Punctuation and symbols; pictures such as emoji stay.
    '[\u0001-/:-@[-`{-\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f'
      || '\u066a-\u066d\u06d4\u0964\u0965\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u303f'
      || '\u30a0\u30fb\ufe10-\ufe6f\uff00-\uff0f\ufff9-\uffff]+'
  );
END
$do$;
