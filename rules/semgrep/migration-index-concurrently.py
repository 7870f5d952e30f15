from alembic import op


def upgrade():
    op.create_table("invoices")
    # ok: migration-index-concurrently
    op.create_index("invoices_day", "invoices", ["day"])
    # ruleid: migration-index-concurrently
    op.create_index("orders_day", "orders", ["day"])
    # ruleid: migration-index-concurrently
    op.execute("CREATE INDEX orders_customer ON orders (customer)")
    with op.get_context().autocommit_block():
        # ok: migration-index-concurrently
        op.create_index("orders_state", "orders", ["state"], postgresql_concurrently=True)


operations = [
    # ruleid: migration-index-concurrently
    migrations.AddIndex(model_name="order", index=models.Index(fields=["day"], name="orders_day")),
]
