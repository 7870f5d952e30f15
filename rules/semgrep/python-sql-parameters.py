# ruleid: python-sql-parameters
cursor.execute(f"SELECT * FROM orders WHERE customer = '{customer}'")
# ruleid: python-sql-parameters
cursor.execute("DELETE FROM orders WHERE id = %s" % order)
# ruleid: python-sql-parameters
cursor.execute("SELECT * FROM orders WHERE id = " + order)
# ok: python-sql-parameters
cursor.execute("SELECT * FROM orders WHERE id = %s", (order,))
# ok: python-sql-parameters
cursor.execute("SELECT 1")
# ok: python-sql-parameters
runner.execute(f"step {number}")

# ok: python-sql-parameters
cursor.execute(f"SELECT code FROM {table} WHERE id = %s", [number])
# ok: python-sql-parameters
cursor.execute(f'SELECT code FROM "{model._meta.db_table}" JOIN ({rows}) v ON ("{model._meta.db_table}"."code" = v.c) WHERE v.n = %s', args)
# ok: python-sql-parameters
cursor.execute(f"DELETE FROM orders WHERE id IN ({placeholders})", ids)
# ruleid: python-sql-parameters
cursor.execute(f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid='{number}'")
# ruleid: python-sql-parameters
cursor.execute(f"SELECT pg_try_advisory_xact_lock({number})")
