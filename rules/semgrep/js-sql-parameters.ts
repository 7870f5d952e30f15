// ruleid: js-sql-parameters
await db.query(`SELECT * FROM orders WHERE id = ${id}`);
// ruleid: js-sql-parameters
await db.query("DELETE FROM orders WHERE id = " + id);
// ok: js-sql-parameters
await db.query("SELECT * FROM orders WHERE id = $1", [id]);
// ok: js-sql-parameters
await sql`SELECT * FROM orders WHERE id = ${id}`;
// ok: js-sql-parameters
await client.query(`orders/${id}`);
