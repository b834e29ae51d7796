-- The body that console.fold has, in a function that belongs to the owner of atp: indexes run it with the rights of every
-- role that writes to a table.
DO $do$
BEGIN
  EXECUTE replace(pg_get_functiondef('console.fold(text)'::regprocedure), 'console.fold', 'atp.console_fold');
  GRANT EXECUTE ON FUNCTION atp.console_fold TO PUBLIC;
END
$do$;
