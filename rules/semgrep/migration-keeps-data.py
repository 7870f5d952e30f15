from alembic import op
from django.db import migrations


def upgrade():
    # ruleid: migration-keeps-data
    op.drop_column("orders", "note")
    # ruleid: migration-keeps-data
    op.execute("DROP TABLE old_orders")
    # ok: migration-keeps-data
    op.add_column("orders", column)


def downgrade():
    # ok: migration-keeps-data
    op.drop_table("orders")


operations = [
    # ruleid: migration-keeps-data
    migrations.RemoveField(model_name="order", name="note"),
]
