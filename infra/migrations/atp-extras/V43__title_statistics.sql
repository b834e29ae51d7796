-- The planner knows nothing of an indexed expression until the table is analysed, and would choose slow plans until then.
ANALYZE atp.training, atp.media;
