-- What the undo of one action on a media item needs: which event it undoes, since when the item had its earlier state, and
-- what the action did to its torrent.
ALTER TABLE console.media_event
  ADD COLUMN undoes bigint REFERENCES console.media_event (event_id),
  ADD COLUMN since timestamptz,
  ADD COLUMN added text;

CREATE UNIQUE INDEX media_event_undoes ON console.media_event (undoes) WHERE undoes IS NOT NULL;

ALTER TABLE console.media_removal ADD COLUMN media_event_id bigint;
CREATE INDEX media_removal_of_media_event ON console.media_removal (media_event_id) WHERE media_event_id IS NOT NULL;

COMMENT ON COLUMN console.media_event.undoes IS 'The event that it undoes; null also for undos from before this column';
COMMENT ON COLUMN console.media_event.since IS
  'When the item had last changed before: its updated_at; where that was an undo, the time from before the undone change';
COMMENT ON COLUMN console.media_event.added IS 'The torrent that the approval added to Transmission; null: it was there already';
COMMENT ON COLUMN console.media_removal.media_event_id IS 'The media event that it went with';
