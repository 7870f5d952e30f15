from alembic import op
from django.db import migrations


def upgrade():
    op.drop_column("orders", "note")


# ruleid: migration-has-downgrade
def downgrade():
    pass


operations = [
    # ruleid: migration-has-downgrade
    migrations.RunPython(fill_totals),
    # ok: migration-has-downgrade
    migrations.RunPython(fill_totals, migrations.RunPython.noop),
    # ok: migration-has-downgrade
    migrations.RunSQL("CREATE VIEW v AS SELECT 1", reverse_sql="DROP VIEW v"),
]


def upgrade():
    op.execute("ALTER TYPE state ADD VALUE 'paused'")


# ok: migration-has-downgrade
def downgrade():
    # A value cannot be taken from an enum.
    pass
