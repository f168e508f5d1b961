"""Searching: synonyms, weights, recent and saved searches, people's own accounts in tools."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_created_at'), ['created_at'], unique=False)

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('shares_expertise', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('keeps_searches', sa.Boolean(), server_default=sa.true(), nullable=False))

    op.create_table('expertise',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('skill_id', sa.Integer(), nullable=False),
    sa.Column('finished', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_expertise_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['skill_id'], ['skill.id'], name=op.f('fk_expertise_skill_id_skill'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', 'skill_id', name=op.f('pk_expertise'))
    )
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.create_index('ix_expertise_skill_id_finished', ['skill_id', 'finished'], unique=False)

    op.create_table('ranking_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('boosts', sa.JSON(), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('chosen_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['chosen_by_id'], ['person.id'], name=op.f('fk_ranking_choice_chosen_by_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_choice'))
    )
    op.create_table('recent_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('folded', sa.String(length=300), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('results', sa.Integer(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('searched_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_recent_search_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recent_search')),
    sa.UniqueConstraint('person_id', 'folded', name=op.f('uq_recent_search_person_id_folded'))
    )
    with op.batch_alter_table('recent_search', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recent_search_folded'), ['folded'], unique=False)
        batch_op.create_index('ix_recent_search_person_id_searched_at', ['person_id', 'searched_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_recent_search_searched_at'), ['searched_at'], unique=False)

    op.create_table('saved_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fresh', sa.JSON(), nullable=False),
    sa.Column('fresh_total', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_saved_search_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_search'))
    )
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_search_person_id'), ['person_id'], unique=False)

    op.create_table('search_wish',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(length=300), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('wished_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_search_wish_answered_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_search_wish_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_wish'))
    )
    with op.batch_alter_table('search_wish', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_wish_person_id'), ['person_id'], unique=False)

    op.create_table('synonym_group',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('words', sa.JSON(), nullable=False),
    sa.Column('becomes', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['person.id'], name=op.f('fk_synonym_group_changed_by_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_synonym_group'))
    )
    op.create_table('pending_account',
    sa.Column('state_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('verifier', sa.Text(), nullable=False),
    sa.Column('return_to', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_pending_account_connection_id_connection'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pending_account_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['login_session.id'], name=op.f('fk_pending_account_session_id_login_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('state_hash', name=op.f('pk_pending_account'))
    )
    with op.batch_alter_table('pending_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pending_account_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_pending_account_session_id'), ['session_id'], unique=False)

    op.create_table('personal_account',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('tokens', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('renewing_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('connected_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('trouble', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_personal_account_connection_id_connection'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_personal_account_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_personal_account')),
    sa.UniqueConstraint('person_id', 'connection_id', name=op.f('uq_personal_account_person_id_connection_id'))
    )
    with op.batch_alter_table('personal_account', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_personal_account_connection_id'), ['connection_id'], unique=False)


def downgrade() -> None:
    """Take the change back."""
    with op.batch_alter_table('search_wish', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_search_wish_person_id'))

    op.drop_table('search_wish')
    with op.batch_alter_table('personal_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_personal_account_connection_id'))

    op.drop_table('personal_account')
    with op.batch_alter_table('pending_account', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pending_account_session_id'))
        batch_op.drop_index(batch_op.f('ix_pending_account_expires_at'))

    op.drop_table('pending_account')
    op.drop_table('synonym_group')
    with op.batch_alter_table('saved_search', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_search_person_id'))

    op.drop_table('saved_search')
    with op.batch_alter_table('recent_search', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_recent_search_searched_at'))
        batch_op.drop_index('ix_recent_search_person_id_searched_at')
        batch_op.drop_index(batch_op.f('ix_recent_search_folded'))

    op.drop_table('recent_search')
    op.drop_table('ranking_choice')
    with op.batch_alter_table('expertise', schema=None) as batch_op:
        batch_op.drop_index('ix_expertise_skill_id_finished')

    op.drop_table('expertise')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_column('keeps_searches')
        batch_op.drop_column('shares_expertise')
    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_created_at'))
