ALTER TABLE orders ADD COLUMN day date;
-- # ruleid: sql-index-concurrently
CREATE INDEX orders_day ON orders (day);
-- # ruleid: sql-index-concurrently
create unique index if not exists "orders_number" on "public"."orders" (number);
-- # ok: sql-index-concurrently
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_state ON orders (state);
-- # ok: sql-index-concurrently
-- CREATE INDEX orders_old ON orders (old);
-- +goose Down
-- # ok: sql-index-concurrently
CREATE INDEX orders_gone ON orders (gone);
