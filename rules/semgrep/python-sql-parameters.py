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
