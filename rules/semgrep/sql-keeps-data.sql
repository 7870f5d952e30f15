-- # ruleid: sql-keeps-data
DROP TABLE old_orders;
-- # ruleid: sql-keeps-data
ALTER TABLE orders DROP COLUMN note;
-- # ruleid: sql-keeps-data
truncate table orders;
-- # ruleid: sql-keeps-data
DELETE FROM orders;
-- # ok: sql-keeps-data
DELETE FROM orders WHERE state = 'draft' AND day < '2020-01-01';
-- # ok: sql-keeps-data
ALTER TABLE orders ADD COLUMN note text;
-- # ok: sql-keeps-data
DROP TABLE IF EXISTS prices;
CREATE TABLE prices (id int);
ALTER TABLE IF EXISTS public.orders
-- # ok: sql-keeps-data
  ADD COLUMN day date;
-- # ruleid: sql-keeps-data
ALTER TABLE "public"."orders"
  DROP COLUMN "day", DROP COLUMN "hour";
-- +goose Down
-- # ok: sql-keeps-data
ALTER TABLE orders DROP COLUMN made_above;
