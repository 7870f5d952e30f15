-- # ruleid: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN channel text NOT NULL;
-- # ruleid: sql-not-null-with-default
ALTER TABLE "public"."orders" ADD "price" numeric(10, 2) NOT NULL CHECK (price > 0);
ALTER TABLE orders
  -- # ok: sql-not-null-with-default
  ADD COLUMN IF NOT EXISTS note text,
  -- # ruleid: sql-not-null-with-default
  ADD COLUMN IF NOT EXISTS state varchar(20) NOT NULL;
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN paid boolean DEFAULT false NOT NULL;
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN made timestamp NOT NULL DEFAULT now();
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN id bigserial NOT NULL;
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN number bigint NOT NULL GENERATED ALWAYS AS IDENTITY;
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD CONSTRAINT positive CHECK (price IS NOT NULL);
-- # ok: sql-not-null-with-default
-- ALTER TABLE orders ADD COLUMN old text NOT NULL;
-- migrate:down
-- # ok: sql-not-null-with-default
ALTER TABLE orders ADD COLUMN gone text NOT NULL;
