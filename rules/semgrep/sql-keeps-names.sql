-- # ruleid: sql-keeps-names
ALTER TABLE orders RENAME COLUMN note TO remark;
-- # ruleid: sql-keeps-names
alter table public.orders rename note to remark;
-- # ruleid: sql-keeps-names
ALTER TABLE orders RENAME TO purchases;
-- # ok: sql-keeps-names
ALTER TABLE orders RENAME CONSTRAINT orders_a TO orders_b;
-- # ok: sql-keeps-names
ALTER INDEX orders_a RENAME TO orders_b;
-- # ok: sql-keeps-names
-- ALTER TABLE orders RENAME TO bought;
-- +migrate Down
-- # ok: sql-keeps-names
ALTER TABLE purchases RENAME TO orders;
