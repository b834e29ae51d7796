-- What a sorted batch still has in its folder is removed once a person says that the device was cleaned.
ALTER TABLE console.batch
  ADD COLUMN device_cleaned_at timestamptz,
  ADD COLUMN device_cleaned_by text CHECK (device_cleaned_by <> ''),
  ADD CONSTRAINT batch_device_cleaned_by_a_person CHECK ((device_cleaned_at IS NULL) = (device_cleaned_by IS NULL)) NOT VALID;

COMMENT ON COLUMN console.batch.device_cleaned_at IS 'When a person said that the device was cleaned: the cleanup may remove what is left of it';
COMMENT ON COLUMN console.batch.device_cleaned_by IS 'Who said so';
