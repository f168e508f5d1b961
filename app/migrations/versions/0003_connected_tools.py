"""Connected tools: connections, their runs and cursors, duplicates, LTI launches."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table('lti_key',
    sa.Column('kid', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('private_key', sa.Text(), nullable=False),
    sa.Column('public_jwk', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('next', 'current', 'old')", name=op.f('ck_lti_key_state')),
    sa.PrimaryKeyConstraint('kid', name=op.f('pk_lti_key'))
    )
    op.create_table('lti_nonce',
    sa.Column('nonce_hash', sa.String(length=64), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('nonce_hash', name=op.f('pk_lti_nonce'))
    )
    with op.batch_alter_table('lti_nonce', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lti_nonce_expires_at'), ['expires_at'], unique=False)

    op.create_table('connection',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tool_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('secrets', sa.JSON(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=True),
    sa.Column('private', sa.Boolean(), nullable=False),
    sa.Column('people_by', sa.String(length=20), nullable=False),
    sa.Column('people_domain', sa.String(length=200), nullable=False),
    sa.Column('minutes_between', sa.Integer(), nullable=False),
    sa.Column('days_between_sweeps', sa.Integer(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('probes', sa.JSON(), nullable=False),
    sa.Column('sample', sa.JSON(), nullable=False),
    sa.Column('next_run_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('swept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_ok_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=False),
    sa.Column('last_error_kind', sa.String(length=20), nullable=False),
    sa.Column('running_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('running_token', sa.String(length=40), nullable=False),
    sa.Column('stop_wanted', sa.Boolean(), nullable=False),
    sa.Column('unknown_words', sa.JSON(), nullable=False),
    sa.Column('people_read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('items_missed', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_connection_tool_id_tool')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection')),
    sa.UniqueConstraint('tool_id', name=op.f('uq_connection_tool_id'))
    )
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_connection_next_run_at'), ['next_run_at'], unique=False)

    op.create_table('cluster_decision',
    sa.Column('low_id', sa.Integer(), nullable=False),
    sa.Column('high_id', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=10), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("verdict IN ('same', 'different')", name=op.f('ck_cluster_decision_verdict')),
    sa.CheckConstraint('low_id < high_id', name=op.f('ck_cluster_decision_order')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_cluster_decision_decided_by_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['high_id'], ['item.id'], name=op.f('fk_cluster_decision_high_id_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['low_id'], ['item.id'], name=op.f('fk_cluster_decision_low_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('low_id', 'high_id', name=op.f('pk_cluster_decision'))
    )
    with op.batch_alter_table('cluster_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cluster_decision_high_id'), ['high_id'], unique=False)

    op.create_table('cluster_member',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('cluster_id', sa.Integer(), nullable=False),
    sa.Column('preferred', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_cluster_member_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_cluster_member'))
    )
    with op.batch_alter_table('cluster_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cluster_member_cluster_id'), ['cluster_id'], unique=False)

    op.create_table('connection_breaker',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('rests_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trying_until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_connection_breaker_connection_id_connection'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_connection_breaker'))
    )
    op.create_table('connection_cursor',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('stream', sa.String(length=20), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("stream IN ('items', 'sweep', 'activity')", name=op.f('ck_connection_cursor_stream')),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_connection_cursor_connection_id_connection'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('connection_id', 'stream', name=op.f('pk_connection_cursor'))
    )
    op.create_table('harvest_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('mode', sa.String(length=20), nullable=False),
    sa.Column('dry', sa.Boolean(), nullable=False),
    sa.Column('asked_by', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('counts', sa.JSON(), nullable=False),
    sa.Column('samples', sa.JSON(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('error_kind', sa.String(length=20), nullable=False),
    sa.CheckConstraint("mode IN ('delta', 'sweep', 'activity')", name=op.f('ck_harvest_run_mode')),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_harvest_run_connection_id_connection'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_harvest_run'))
    )
    with op.batch_alter_table('harvest_run', schema=None) as batch_op:
        batch_op.create_index('ix_harvest_run_connection_id_started_at', ['connection_id', 'started_at'], unique=False)

    op.create_table('item_key',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_key_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', 'key', name=op.f('pk_item_key'))
    )
    with op.batch_alter_table('item_key', schema=None) as batch_op:
        batch_op.create_index('ix_item_key_key', ['key'], unique=False)

    op.create_table('item_presence',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('presence', sa.String(length=20), nullable=False),
    sa.Column('absences', sa.Integer(), nullable=False),
    sa.Column('held', sa.Boolean(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_presence_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_item_presence'))
    )
    op.create_table('lti_launch',
    sa.Column('hint_hash', sa.String(length=64), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('data_hash', sa.String(length=64), nullable=False),
    sa.Column('picked', sa.JSON(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_lti_launch_connection_id_connection'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_lti_launch_item_id_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_lti_launch_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('hint_hash', name=op.f('pk_lti_launch'))
    )
    with op.batch_alter_table('lti_launch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lti_launch_data_hash'), ['data_hash'], unique=False)
        batch_op.create_index(batch_op.f('ix_lti_launch_expires_at'), ['expires_at'], unique=False)

    op.create_table('lti_link',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('custom', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_lti_link_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_lti_link'))
    )
    op.create_table('sweep_page',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('external_ids', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_sweep_page_connection_id_connection'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sweep_page'))
    )
    with op.batch_alter_table('sweep_page', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sweep_page_connection_id'), ['connection_id'], unique=False)

    op.create_table('tool_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=320), nullable=True),
    sa.Column('subject', sa.String(length=64), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('by_hand', sa.Boolean(), nullable=False),
    sa.Column('statements', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_tool_account_connection_id_connection'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_tool_account_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tool_account')),
    sa.UniqueConstraint('connection_id', 'name', name=op.f('uq_tool_account_connection_id_name')),
    sa.UniqueConstraint('connection_id', 'subject', name=op.f('uq_tool_account_connection_id_subject'))
    )
    with op.batch_alter_table('tool_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tool_account_person_id'), ['person_id'], unique=False)

    op.create_table('harvest_problem',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.String(length=300), nullable=False),
    sa.Column('field', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['harvest_run.id'], name=op.f('fk_harvest_problem_run_id_harvest_run'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_harvest_problem'))
    )
    with op.batch_alter_table('harvest_problem', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_harvest_problem_run_id'), ['run_id'], unique=False)

    op.add_column('item', sa.Column('app_url', sa.String(length=2000), nullable=True))
    op.add_column('item_state', sa.Column('progress', sa.Double(), nullable=True))
    op.add_column('tool', sa.Column('position', sa.Integer(), server_default='100', nullable=False))
    op.add_column('tool', sa.Column('quadrants', sa.JSON(), server_default='[]', nullable=False))
    op.create_index('ix_item_counted_by_tool', 'item', ['tool_id', 'status', 'kind', 'updated_at'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    # a batch would make the tables anew, and dropping the old ones would empty what points at them
    op.drop_index('ix_item_counted_by_tool', table_name='item')
    op.execute("ALTER TABLE tool DROP COLUMN quadrants")
    op.execute("ALTER TABLE tool DROP COLUMN position")
    op.execute("ALTER TABLE item_state DROP COLUMN progress")
    op.execute("ALTER TABLE item DROP COLUMN app_url")

    with op.batch_alter_table('harvest_problem', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_harvest_problem_run_id'))

    op.drop_table('harvest_problem')
    with op.batch_alter_table('tool_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tool_account_person_id'))

    op.drop_table('tool_account')
    with op.batch_alter_table('sweep_page', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sweep_page_connection_id'))

    op.drop_table('sweep_page')
    op.drop_table('lti_link')
    with op.batch_alter_table('lti_launch', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lti_launch_expires_at'))
        batch_op.drop_index(batch_op.f('ix_lti_launch_data_hash'))

    op.drop_table('lti_launch')
    op.drop_table('item_presence')
    with op.batch_alter_table('item_key', schema=None) as batch_op:
        batch_op.drop_index('ix_item_key_key')

    op.drop_table('item_key')
    with op.batch_alter_table('harvest_run', schema=None) as batch_op:
        batch_op.drop_index('ix_harvest_run_connection_id_started_at')

    op.drop_table('harvest_run')
    op.drop_table('connection_cursor')
    op.drop_table('connection_breaker')
    with op.batch_alter_table('cluster_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cluster_member_cluster_id'))

    op.drop_table('cluster_member')
    with op.batch_alter_table('cluster_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cluster_decision_high_id'))

    op.drop_table('cluster_decision')
    with op.batch_alter_table('connection', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_connection_next_run_at'))

    op.drop_table('connection')
    with op.batch_alter_table('lti_nonce', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lti_nonce_expires_at'))

    op.drop_table('lti_nonce')
    op.drop_table('lti_key')
