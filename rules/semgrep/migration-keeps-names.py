from alembic import op
from django.db import migrations


def upgrade():
    # ruleid: migration-keeps-names
    op.rename_table("orders", "purchases")
    # ruleid: migration-keeps-names
    op.alter_column("orders", "note", new_column_name="remark")
    with op.batch_alter_table("orders") as batch:
        # ruleid: migration-keeps-names
        batch.alter_column("day", new_column_name="made_on")
        # ok: migration-keeps-names
        batch.alter_column("day", nullable=True)


def downgrade():
    # ok: migration-keeps-names
    op.rename_table("purchases", "orders")


operations = [
    # ruleid: migration-keeps-names
    migrations.RenameField(model_name="order", old_name="note", new_name="remark"),
    migrations.SeparateDatabaseAndState(
        state_operations=[
            # ok: migration-keeps-names
            migrations.RenameModel(old_name="Order", new_name="Purchase"),
        ],
    ),
]
