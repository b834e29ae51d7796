-- The owner of schema atp may add rejection statuses, and an item with one of them can be deleted too.
ALTER TABLE console.media_deletion DROP CONSTRAINT media_deletion_rejection_status_check;
