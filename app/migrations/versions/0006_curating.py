"""Curating: drafts and versions of pages and playlists, care of items, links, notices."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None
_OF_DRAFTS = (
    "SELECT section.id FROM section JOIN role_page ON role_page.id = section.page_id"
    " WHERE NOT role_page.published"
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table('holiday',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('location', sa.String(length=100), server_default='', nullable=False),
    sa.Column('name', sa.String(length=120), server_default='', nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_holiday')),
    sa.UniqueConstraint('day', 'location', name=op.f('uq_holiday_day_location'))
    )
    op.create_table('picture',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=40), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture')),
    sa.UniqueConstraint('digest', name=op.f('uq_picture_digest'))
    )
    op.create_table('absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_absence_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_absence'))
    )
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_absence_person_id'), ['person_id'], unique=False)

    op.create_table('assignment_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.Column('group_id', sa.Integer(), nullable=True),
    sa.Column('started_from', sa.Date(), nullable=True),
    sa.Column('starts_on', sa.Date(), nullable=True),
    sa.Column('enabled', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['group.id'], name=op.f('fk_assignment_rule_group_id_group'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_assignment_rule_made_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_assignment_rule_role_id_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment_rule'))
    )
    with op.batch_alter_table('assignment_rule', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignment_rule_slug'), ['slug'], unique=False)

    op.create_table('calendar_feed',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_calendar_feed_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_calendar_feed')),
    sa.UniqueConstraint('digest', name=op.f('uq_calendar_feed_digest'))
    )
    op.create_table('care_rule',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('tool_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=True),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('review_months', sa.Integer(), nullable=True),
    sa.Column('sunset_months', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_care_rule_owner_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_care_rule_tool_id_tool'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_care_rule'))
    )
    op.create_table('notice_choice',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('frequency', sa.String(length=10), nullable=False),
    sa.Column('muted', sa.JSON(), server_default='[]', nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("frequency IN ('daily', 'weekly', 'never')", name=op.f('ck_notice_choice_frequency')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_choice_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_notice_choice'))
    )
    op.create_table('page_curator',
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('given_by_id', sa.Integer(), nullable=True),
    sa.Column('given_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['given_by_id'], ['person.id'], name=op.f('fk_page_curator_given_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_page_curator_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_page_curator_role_id_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('role_id', 'person_id', name=op.f('pk_page_curator'))
    )
    with op.batch_alter_table('page_curator', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_page_curator_person_id'), ['person_id'], unique=False)

    op.create_table('role_page_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('published_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['published_by_id'], ['person.id'], name=op.f('fk_role_page_version_published_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_role_page_version_role_id_role'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_page_version')),
    sa.UniqueConstraint('role_id', 'number', name=op.f('uq_role_page_version_role_id_number'))
    )
    op.create_table('item_care',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('sunset_on', sa.Date(), nullable=True),
    sa.Column('reviewed_on', sa.Date(), nullable=True),
    sa.Column('reviewed_by_id', sa.Integer(), nullable=True),
    sa.Column('later_on', sa.Date(), nullable=True),
    sa.Column('by_hand', sa.JSON(), server_default='[]', nullable=False),
    sa.Column('reasons', sa.Integer(), server_default='0', nullable=False),
    sa.Column('urgency', sa.Integer(), server_default='0', nullable=False),
    sa.Column('launches', sa.Integer(), server_default='0', nullable=False),
    sa.Column('launches_before', sa.Integer(), server_default='0', nullable=False),
    sa.Column('completions', sa.Integer(), server_default='0', nullable=False),
    sa.Column('opened_on', sa.Date(), nullable=True),
    sa.Column('tended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_item_care_item_id_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_item_care_owner_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['reviewed_by_id'], ['person.id'], name=op.f('fk_item_care_reviewed_by_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_item_care'))
    )
    with op.batch_alter_table('item_care', schema=None) as batch_op:
        batch_op.create_index('ix_item_care_owner_id_urgency', ['owner_id', 'urgency'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_care_review_on'), ['review_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_care_sunset_on'), ['sunset_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_care_tended_at'), ['tended_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_item_care_urgency'), ['urgency'], unique=False)

    op.create_table('care_deed',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('batch', sa.String(length=32), nullable=False),
    sa.Column('deed', sa.String(length=10), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_care_deed_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_care_deed_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_care_deed'))
    )
    with op.batch_alter_table('care_deed', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_care_deed_batch'), ['batch'], unique=False)

    op.create_table('tool_use',
    sa.Column('tool_id', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_tool_use_tool_id_tool'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('tool_id', name=op.f('pk_tool_use'))
    )

    op.create_table('link_check',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('strikes', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked', sa.String(length=10), nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('moved_to', sa.String(length=2000), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('struck_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('troubles', sa.Integer(), server_default='0', nullable=False),
    sa.Column('history', sa.JSON(), server_default='[]', nullable=False),
    sa.Column('etag', sa.String(length=300), server_default='', nullable=False),
    sa.Column('fine_until', sa.Date(), nullable=True),
    sa.Column('fine_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['fine_by_id'], ['person.id'], name=op.f('fk_link_check_fine_by_id_person'), ondelete='SET NULL'),
    sa.CheckConstraint("state IN ('live', 'moved', 'hidden', 'flaky', 'gone', 'unknown')", name=op.f('ck_link_check_state')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_link_check_item_id_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_link_check'))
    )
    with op.batch_alter_table('link_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_link_check_next_at'), ['next_at'], unique=False)
        batch_op.create_index('ix_link_check_state_next_at', ['state', 'next_at'], unique=False)

    op.create_table('link_host',
    sa.Column('host', sa.String(length=255), nullable=False),
    sa.Column('free_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('troubles', sa.Integer(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('host', name=op.f('pk_link_host'))
    )
    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('sentence', sa.Text(), nullable=False),
    sa.Column('path', sa.String(length=500), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('mailed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('step', 'playlist', 'review', 'answer', 'page', 'content', 'message')", name=op.f('ck_notice_kind')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_notice_item_id_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_notice_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice')),
    sa.UniqueConstraint('person_id', 'key', name=op.f('uq_notice_person_id_key'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_notice_mailed_at'), ['mailed_at'], unique=False)
        batch_op.create_index('ix_notice_person_id_at', ['person_id', 'at'], unique=False)

    op.create_table('suggestion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('url', sa.String(length=2000), nullable=False),
    sa.Column('title', sa.String(length=500), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_suggestion_answered_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_suggestion_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_suggestion_item_id_item'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_suggestion_role_id_role'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion'))
    )
    with op.batch_alter_table('suggestion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestion_accepted'), ['accepted'], unique=False)
        batch_op.create_index(batch_op.f('ix_suggestion_by_id'), ['by_id'], unique=False)

    op.create_table('step_date',
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_step_date_assignment_id_assignment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['step.id'], name=op.f('fk_step_date_step_id_step'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('assignment_id', 'step_id', name=op.f('pk_step_date'))
    )
    with op.batch_alter_table('step_date', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_step_date_step_id'), ['step_id'], unique=False)

    op.create_table('step_need',
    sa.Column('step_id', sa.Integer(), nullable=False),
    sa.Column('needs_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['needs_id'], ['step.id'], name=op.f('fk_step_need_needs_id_step'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['step_id'], ['step.id'], name=op.f('fk_step_need_step_id_step'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('step_id', 'needs_id', name=op.f('pk_step_need'))
    )
    with op.batch_alter_table('step_need', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_step_need_needs_id'), ['needs_id'], unique=False)

    op.create_table('playlist_withdrawal',
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['person.id'], name=op.f('fk_playlist_withdrawal_by_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_playlist_withdrawal_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('slug', 'person_id', name=op.f('pk_playlist_withdrawal'))
    )
    with op.batch_alter_table('playlist_withdrawal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_playlist_withdrawal_person_id'), ['person_id'], unique=False)

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rule_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_assignment_rule_id'), ['rule_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_assignment_rule_id_assignment_rule'), 'assignment_rule', ['rule_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.add_column(sa.Column('told', sa.JSON(), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('successor_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('picture', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('picture_alt', sa.String(length=300), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_item_successor_id'), ['successor_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_item_picture_picture'), 'picture', ['picture'], ['digest'], ondelete='SET NULL')
        batch_op.create_index(batch_op.f('ix_item_picture'), ['picture'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_item_successor_id_item'), 'item', ['successor_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('item_state', schema=None) as batch_op:
        batch_op.add_column(sa.Column('why_stars', sa.String(length=500), server_default='', nullable=False))
        batch_op.add_column(sa.Column('rated_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('names_stars', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('why_answer', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('why_answered_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('why_answered_by_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_item_state_why_answered_by_id_person'), 'person', ['why_answered_by_id'], ['id'], ondelete='SET NULL')
        batch_op.create_index('ix_item_state_why_unanswered', ['rated_at'], unique=False, sqlite_where=sa.text("why_stars <> '' AND why_answered_at IS NULL"), postgresql_where=sa.text("why_stars <> '' AND why_answered_at IS NULL"))

    with op.batch_alter_table('pin', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_pin_audience_id'), ['audience_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_pin_audience_id_audience'), 'audience', ['audience_id'], ['id'])

    with op.batch_alter_table('playlist', schema=None) as batch_op:
        batch_op.add_column(sa.Column('number', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('state', sa.String(length=10), server_default='live', nullable=False))
        batch_op.add_column(sa.Column('is_template', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('working_days', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('published_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('contact_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('channel_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('changed_by_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('why', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('removed', sa.JSON(), server_default='[]', nullable=False))
        batch_op.drop_constraint(batch_op.f('uq_playlist_slug'), type_='unique')
        batch_op.create_index(batch_op.f('ix_playlist_slug'), ['slug'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_playlist_slug_number'), ['slug', 'number'])
        batch_op.create_check_constraint(op.f('ck_playlist_state'), "state IN ('draft', 'live', 'past')")
        batch_op.create_foreign_key(batch_op.f('fk_playlist_changed_by_id_person'), 'person', ['changed_by_id'], ['id'], ondelete='SET NULL')
        batch_op.create_foreign_key(batch_op.f('fk_playlist_channel_id_item'), 'item', ['channel_id'], ['id'], ondelete='SET NULL')
        batch_op.create_foreign_key(batch_op.f('fk_playlist_contact_id_person'), 'person', ['contact_id'], ['id'], ondelete='SET NULL')
        batch_op.create_foreign_key(batch_op.f('fk_playlist_published_by_id_person'), 'person', ['published_by_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('problem_report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accepted', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('answer', sa.Text(), server_default='', nullable=False))
        batch_op.create_index(batch_op.f('ix_problem_report_reporter_id'), ['reporter_id'], unique=False)

    with op.batch_alter_table('search_wish', schema=None) as batch_op:
        batch_op.add_column(sa.Column('answer', sa.Text(), server_default='', nullable=False))

    with op.batch_alter_table('progress', schema=None) as batch_op:
        batch_op.add_column(sa.Column('by_hand', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('role_page', schema=None) as batch_op:
        batch_op.add_column(sa.Column('published', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('revision', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('changed_by_id', sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_role_page_role_id'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_role_page_role_id_published'), ['role_id', 'published'])
        batch_op.create_foreign_key(batch_op.f('fk_role_page_changed_by_id_person'), 'person', ['changed_by_id'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('section', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key', sa.String(length=16), nullable=True))
    op.execute("UPDATE section SET key = 's' || id")
    with op.batch_alter_table('section', schema=None) as batch_op:
        batch_op.alter_column('key', existing_type=sa.String(length=16), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_section_page_id_key'), ['page_id', 'key'])

    op.create_table('page_change',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('page_id', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('text', sa.String(length=200), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_page_change_item_id_item'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['page_id'], ['role_page.id'], name=op.f('fk_page_change_page_id_role_page'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_page_change_person_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_page_change')),
    sa.UniqueConstraint('page_id', 'revision', name=op.f('uq_page_change_page_id_revision'))
    )
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key', sa.String(length=32), nullable=True))
    op.execute("UPDATE step SET key = 'step-' || id")
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.alter_column('key', existing_type=sa.String(length=32), nullable=False)
        batch_op.add_column(sa.Column('kind', sa.String(length=10), server_default='item', nullable=False))
        batch_op.add_column(sa.Column('title', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('minutes', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('meets', sa.String(length=10), server_default='', nullable=False))
        batch_op.add_column(sa.Column('meets_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('required', sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column('choice', sa.Integer(), nullable=True))
        batch_op.alter_column('item_id',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.create_unique_constraint(batch_op.f('uq_step_playlist_id_key'), ['playlist_id', 'key'])
        batch_op.create_foreign_key(batch_op.f('fk_step_meets_id_person'), 'person', ['meets_id'], ['id'], ondelete='SET NULL')
        batch_op.add_column(sa.Column('held_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('held_at', sa.Time(), nullable=True))
        batch_op.add_column(sa.Column('time_zone', sa.String(length=60), server_default='', nullable=False))
        batch_op.add_column(sa.Column('place', sa.String(length=200), server_default='', nullable=False))
        batch_op.add_column(sa.Column('link', sa.String(length=2000), server_default='', nullable=False))
        batch_op.create_check_constraint(op.f('ck_step_kind'), "kind IN ('item', 'meet', 'task', 'event')")
        batch_op.create_check_constraint(op.f('ck_step_item'), "(kind = 'item') = (item_id IS NOT NULL)")
        batch_op.create_check_constraint(op.f('ck_step_held'), '(held_on IS NULL) = (held_at IS NULL)')

    op.create_table('reported_tool',
    sa.Column('connection_id', sa.Integer(), nullable=False),
    sa.Column('tool_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connection.id'], name=op.f('fk_reported_tool_connection_id_connection'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['tool_id'], ['tool.id'], name=op.f('fk_reported_tool_tool_id_tool'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('connection_id', 'tool_id', name=op.f('pk_reported_tool'))
    )
    with op.batch_alter_table('reported_tool', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reported_tool_tool_id'), ['tool_id'], unique=False)

    op.execute(
        "INSERT INTO reported_tool (connection_id, tool_id)"
        " SELECT DISTINCT connection.id, item.tool_id FROM connection"
        " JOIN tool ON tool.id = connection.tool_id"
        " JOIN activity ON activity.source = substr(tool.slug, 1, 40) AND activity.verb = 'completed'"
        " JOIN item ON item.id = activity.item_id"
        " WHERE connection.kind = 'lrs' AND item.tool_id <> connection.tool_id"
    )



def downgrade() -> None:
    """Take the change back; drafts, former versions and steps without an item go with it."""
    with op.batch_alter_table('reported_tool', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_reported_tool_tool_id'))

    op.drop_table('reported_tool')
    op.drop_table('page_change')
    op.execute(f"DELETE FROM pin WHERE section_id IN ({_OF_DRAFTS})")
    op.execute(f"DELETE FROM section WHERE id IN ({_OF_DRAFTS})")
    op.execute("DELETE FROM role_page WHERE NOT published")
    with op.batch_alter_table('section', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_section_page_id_key'), type_='unique')
        batch_op.drop_column('key')
    op.execute("DELETE FROM step WHERE kind != 'item'")
    op.execute("DELETE FROM playlist WHERE state != 'live'")
    with op.batch_alter_table('step', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_step_held'), type_='check')
        batch_op.drop_constraint(op.f('ck_step_item'), type_='check')
        batch_op.drop_constraint(op.f('ck_step_kind'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_step_meets_id_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_step_playlist_id_key'), type_='unique')
        batch_op.alter_column('item_id',
               existing_type=sa.INTEGER(),
               nullable=False)
        batch_op.drop_column('link')
        batch_op.drop_column('place')
        batch_op.drop_column('time_zone')
        batch_op.drop_column('held_at')
        batch_op.drop_column('held_on')
        batch_op.drop_column('choice')
        batch_op.drop_column('required')
        batch_op.drop_column('meets_id')
        batch_op.drop_column('meets')
        batch_op.drop_column('minutes')
        batch_op.drop_column('title')
        batch_op.drop_column('kind')
        batch_op.drop_column('key')

    with op.batch_alter_table('role_page', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_role_page_changed_by_id_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_role_page_role_id_published'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_role_page_role_id'), ['role_id'])
        batch_op.drop_column('changed_by_id')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('revision')
        batch_op.drop_column('published')

    with op.batch_alter_table('progress', schema=None) as batch_op:
        batch_op.drop_column('by_hand')

    with op.batch_alter_table('search_wish', schema=None) as batch_op:
        batch_op.drop_column('answer')

    with op.batch_alter_table('problem_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_problem_report_reporter_id'))
        batch_op.drop_column('answer')
        batch_op.drop_column('accepted')

    with op.batch_alter_table('playlist', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_playlist_changed_by_id_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_playlist_published_by_id_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_playlist_contact_id_person'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_playlist_channel_id_item'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_playlist_slug_number'), type_='unique')
        batch_op.drop_constraint(op.f('ck_playlist_state'), type_='check')
        batch_op.drop_index(batch_op.f('ix_playlist_slug'))
        batch_op.create_unique_constraint(batch_op.f('uq_playlist_slug'), ['slug'])
        batch_op.drop_column('removed')
        batch_op.drop_column('why')
        batch_op.drop_column('changed_by_id')
        batch_op.drop_column('changed_at')
        batch_op.drop_column('channel_id')
        batch_op.drop_column('contact_id')
        batch_op.drop_column('published_by_id')
        batch_op.drop_column('published_at')
        batch_op.drop_column('revision')
        batch_op.drop_column('working_days')
        batch_op.drop_column('is_template')
        batch_op.drop_column('state')
        batch_op.drop_column('number')

    with op.batch_alter_table('pin', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_pin_audience_id_audience'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_pin_audience_id'))
        batch_op.drop_column('audience_id')

    with op.batch_alter_table('item_state', schema=None) as batch_op:
        batch_op.drop_index('ix_item_state_why_unanswered', sqlite_where=sa.text("why_stars <> '' AND why_answered_at IS NULL"), postgresql_where=sa.text("why_stars <> '' AND why_answered_at IS NULL"))
        batch_op.drop_constraint(batch_op.f('fk_item_state_why_answered_by_id_person'), type_='foreignkey')
        batch_op.drop_column('why_answered_by_id')
        batch_op.drop_column('why_answered_at')
        batch_op.drop_column('why_answer')
        batch_op.drop_column('names_stars')
        batch_op.drop_column('rated_at')
        batch_op.drop_column('why_stars')

    with op.batch_alter_table('item', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_item_successor_id_item'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_item_picture'))
        batch_op.drop_constraint(batch_op.f('fk_item_picture_picture'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_item_successor_id'))
        batch_op.drop_column('picture_alt')
        batch_op.drop_column('picture')
        batch_op.drop_column('successor_id')
        batch_op.drop_column('told')

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_assignment_rule_id_assignment_rule'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_assignment_rule_id'))
        batch_op.drop_column('changed_at')
        batch_op.drop_column('revision')
        batch_op.drop_column('finished_at')
        batch_op.drop_column('rule_id')

    with op.batch_alter_table('playlist_withdrawal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_playlist_withdrawal_person_id'))

    op.drop_table('playlist_withdrawal')
    with op.batch_alter_table('step_need', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_step_need_needs_id'))

    op.drop_table('step_need')
    with op.batch_alter_table('step_date', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_step_date_step_id'))

    op.drop_table('step_date')
    with op.batch_alter_table('suggestion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestion_by_id'))
        batch_op.drop_index(batch_op.f('ix_suggestion_accepted'))

    op.drop_table('suggestion')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_person_id_at')
        batch_op.drop_index(batch_op.f('ix_notice_mailed_at'))
        batch_op.drop_index(batch_op.f('ix_notice_item_id'))

    op.drop_table('notice')
    op.drop_table('link_host')
    with op.batch_alter_table('link_check', schema=None) as batch_op:
        batch_op.drop_index('ix_link_check_state_next_at')
        batch_op.drop_index(batch_op.f('ix_link_check_next_at'))

    op.drop_table('link_check')
    op.drop_table('tool_use')
    with op.batch_alter_table('care_deed', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_care_deed_batch'))

    op.drop_table('care_deed')
    with op.batch_alter_table('item_care', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_care_urgency'))
        batch_op.drop_index(batch_op.f('ix_item_care_tended_at'))
        batch_op.drop_index(batch_op.f('ix_item_care_sunset_on'))
        batch_op.drop_index(batch_op.f('ix_item_care_review_on'))
        batch_op.drop_index('ix_item_care_owner_id_urgency')

    op.drop_table('item_care')
    op.drop_table('role_page_version')
    with op.batch_alter_table('page_curator', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_page_curator_person_id'))

    op.drop_table('page_curator')
    op.drop_table('notice_choice')
    op.drop_table('care_rule')
    op.drop_table('calendar_feed')
    with op.batch_alter_table('assignment_rule', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_assignment_rule_slug'))

    op.drop_table('assignment_rule')
    with op.batch_alter_table('absence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_absence_person_id'))

    op.drop_table('absence')
    op.drop_table('picture')
    op.drop_table('holiday')
