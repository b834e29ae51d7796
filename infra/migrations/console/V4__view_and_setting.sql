CREATE TABLE console.view (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  page       text NOT NULL CHECK (page ~ '^[a-z][a-z0-9-]{0,39}$'),
  name       text NOT NULL CHECK (name <> '' AND length(name) <= 100),
  query      text NOT NULL CHECK (length(query) <= 4000),
  shared     boolean NOT NULL DEFAULT false,
  owner      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT view_name_is_unique UNIQUE (owner, page, name)
);

CREATE INDEX view_shared ON console.view (page, name) WHERE shared;

COMMENT ON TABLE console.view IS 'A page of the console with the filters and the order somebody saved';
COMMENT ON COLUMN console.view.query IS 'What stands behind the question mark of the page''s address';
COMMENT ON COLUMN console.view.owner IS 'The actor who saved it';

CREATE TABLE console.setting (
  owner      text NOT NULL DEFAULT '',
  section    text NOT NULL CHECK (section ~ '^[a-z][a-z0-9_-]{0,39}$'),
  value      jsonb NOT NULL CHECK (jsonb_typeof(value) = 'object'),
  secrets    jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(secrets) = 'object'),
  version    integer NOT NULL DEFAULT 1,
  actor      text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (owner, section)
);

COMMENT ON TABLE console.setting IS 'What may change while the product runs; a change is announced on the channel console_setting';
COMMENT ON COLUMN console.setting.owner IS 'The name of the API key whose setting it is; empty: everybody''s';
COMMENT ON COLUMN console.setting.secrets IS 'Texts by name that are written and used, and never answered';
COMMENT ON COLUMN console.setting.version IS 'One more with each write';
