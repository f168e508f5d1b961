"""Recommending: signals, slates that were shown, experiments, trainings, skills of roles."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

VERBS_BEFORE = "verb IN ('viewed', 'launched', 'completed', 'saved', 'liked', 'dismissed')"
VERBS = "verb IN ('viewed', 'launched', 'completed', 'saved', 'liked', 'rated', 'spent', 'dismissed')"


def upgrade() -> None:
    """Apply the change."""
    op.create_table('removal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_removal'))
    )
    with op.batch_alter_table('removal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_removal_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_removal_digest'), ['digest'], unique=False)

    op.create_table('signal_pause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_signal_pause_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signal_pause'))
    )
    with op.batch_alter_table('signal_pause', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_signal_pause_person_id'), ['person_id'], unique=False)

    op.create_table('experiment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('a', sa.JSON(), nullable=False),
    sa.Column('b', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('started_by_id', sa.Integer(), nullable=True),
    sa.Column('result', sa.JSON(none_as_null=True), nullable=True),
    sa.ForeignKeyConstraint(['started_by_id'], ['person.id'], name=op.f('fk_experiment_started_by_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_experiment'))
    )
    with op.batch_alter_table('experiment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_experiment_ended_at'), ['ended_at'], unique=False)

    op.create_table('role_skill',
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.Column('skill_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_role_skill_role_id_role'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['skill_id'], ['skill.id'], name=op.f('fk_role_skill_skill_id_skill'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('role_id', 'skill_id', name=op.f('pk_role_skill'))
    )
    with op.batch_alter_table('role_skill', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_role_skill_skill_id'), ['skill_id'], unique=False)

    op.create_table('training',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('engine', sa.String(length=20), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stop_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stage', sa.String(length=30), nullable=False),
    sa.Column('share', sa.Double(), nullable=False),
    sa.Column('model', sa.String(length=60), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('running', 'done', 'stopped', 'failed')", name=op.f('ck_training_state')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_training_asked_by_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_training'))
    )
    with op.batch_alter_table('training', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_started_at'), ['started_at'], unique=False)

    op.create_table('shown_slate',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=40), nullable=False),
    sa.Column('shelf', sa.String(length=30), nullable=False),
    sa.Column('model', sa.String(length=60), nullable=False),
    sa.Column('experiment_id', sa.Integer(), nullable=True),
    sa.Column('shown_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['experiment_id'], ['experiment.id'], name=op.f('fk_shown_slate_experiment_id_experiment'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_shown_slate_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shown_slate')),
    sa.UniqueConstraint('token', name=op.f('uq_shown_slate_token'))
    )
    with op.batch_alter_table('shown_slate', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shown_slate_experiment_id'), ['experiment_id'], unique=False)
        batch_op.create_index('ix_shown_slate_person_id_shown_at', ['person_id', 'shown_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_shown_slate_shown_at'), ['shown_at'], unique=False)

    op.create_table('shown_item',
    sa.Column('slate_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('team', sa.String(length=1), nullable=False),
    sa.Column('propensity', sa.Double(), nullable=True),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_shown_item_item_id_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['slate_id'], ['shown_slate.id'], name=op.f('fk_shown_item_slate_id_shown_slate'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('slate_id', 'position', name=op.f('pk_shown_item'))
    )
    with op.batch_alter_table('shown_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shown_item_item_id'), ['item_id'], unique=False)

    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.add_column(sa.Column('value', sa.Double(), nullable=True))
        batch_op.add_column(sa.Column('via', sa.String(length=20), server_default='', nullable=False))
        batch_op.add_column(sa.Column('counts', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.drop_constraint(op.f('ck_activity_verb'), type_='check')
        batch_op.create_check_constraint(op.f('ck_activity_verb'), VERBS)

    with op.batch_alter_table('item_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('liked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('stars', sa.SmallInteger(), nullable=True))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('pauses_signals', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('person_role', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', sa.Date(), nullable=True))



def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('person_role', schema=None) as batch_op:
        batch_op.drop_column('since')

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('pauses_signals')

    with op.batch_alter_table('item_state', schema=None) as batch_op:
        batch_op.drop_column('stars')
        batch_op.drop_column('liked_at')

    op.execute("DELETE FROM activity WHERE verb IN ('rated', 'spent')")
    with op.batch_alter_table('activity', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_activity_verb'), type_='check')
        batch_op.create_check_constraint(op.f('ck_activity_verb'), VERBS_BEFORE)
        batch_op.drop_column('counts')
        batch_op.drop_column('via')
        batch_op.drop_column('value')

    with op.batch_alter_table('shown_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shown_item_item_id'))

    op.drop_table('shown_item')
    with op.batch_alter_table('shown_slate', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_shown_slate_shown_at'))
        batch_op.drop_index('ix_shown_slate_person_id_shown_at')
        batch_op.drop_index(batch_op.f('ix_shown_slate_experiment_id'))

    op.drop_table('shown_slate')
    with op.batch_alter_table('training', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_training_started_at'))

    op.drop_table('training')
    with op.batch_alter_table('role_skill', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_role_skill_skill_id'))

    op.drop_table('role_skill')
    with op.batch_alter_table('experiment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_experiment_ended_at'))

    op.drop_table('experiment')
    with op.batch_alter_table('signal_pause', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_signal_pause_person_id'))

    op.drop_table('signal_pause')
    with op.batch_alter_table('removal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_removal_digest'))
        batch_op.drop_index(batch_op.f('ix_removal_at'))

    op.drop_table('removal')
