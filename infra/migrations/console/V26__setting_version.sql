CREATE TABLE console.setting_version (
  section    text NOT NULL,
  version    integer NOT NULL,
  value      jsonb NOT NULL CHECK (jsonb_typeof(value) = 'object'),
  changes    jsonb NOT NULL CHECK (jsonb_typeof(changes) = 'array'),
  document   text,
  restored   integer,
  actor      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (section, version)
);

COMMENT ON TABLE console.setting_version IS 'Each version of a section of the shared settings that keeps its versions';
COMMENT ON COLUMN console.setting_version.value IS 'As in console.setting, without secrets';
COMMENT ON COLUMN console.setting_version.changes IS 'Keys that differ from the version before, with both values; secrets are masked';
COMMENT ON COLUMN console.setting_version.document IS 'The text of the author, without secrets';
COMMENT ON COLUMN console.setting_version.restored IS 'The version whose values it has';
