"""Ways in: identity providers, SCIM clients and the audit log; every session ends."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

NO_ENTRY = "0" * 64
APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
        """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
        BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
        # INSERT OR REPLACE fires no trigger on DELETE
        """CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
        WHEN EXISTS (SELECT 1 FROM audit_entry WHERE number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION audit_entry_only_grows() RETURNS trigger AS $$
        BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$ LANGUAGE plpgsql""",
        """CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_only_grows()""",
    ),
}


def upgrade() -> None:
    """Apply the change."""
    op.create_table('audit_entry',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('action', sa.String(length=80), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('actor_id', sa.Integer(), nullable=True),
    sa.Column('actor', sa.String(length=300), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('address', sa.String(length=45), nullable=False),
    sa.Column('request_id', sa.String(length=20), nullable=False),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_entry'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_action'), ['action'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_actor_id'), ['actor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.execute(f"INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '{NO_ENTRY}')")
    for statement in APPEND_ONLY[op.get_context().dialect.name]:
        op.execute(statement)
    op.create_table('identity_provider',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('protocol', sa.String(length=10), nullable=False),
    sa.Column('entity_id', sa.String(length=1024), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('email_domains', sa.JSON(), nullable=False),
    sa.Column('creates_people', sa.Boolean(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('client_id', sa.String(length=300), nullable=False),
    sa.Column('client_secret_sealed', sa.Text(), nullable=False),
    sa.Column('scopes', sa.String(length=300), nullable=False),
    sa.Column('discovery', sa.JSON(), nullable=False),
    sa.Column('metadata_xml', sa.Text(), nullable=False),
    sa.Column('metadata_url', sa.String(length=1024), nullable=False),
    sa.Column('metadata_signer', sa.Text(), nullable=False),
    sa.Column('metadata_kept_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('metadata_checked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('metadata_valid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('metadata_problem', sa.Text(), nullable=False),
    sa.Column('idp_initiated', sa.Boolean(), nullable=False),
    sa.CheckConstraint("protocol IN ('saml', 'oidc')", name=op.f('ck_identity_provider_protocol')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_provider')),
    sa.UniqueConstraint('entity_id', name=op.f('uq_identity_provider_entity_id')),
    sa.UniqueConstraint('slug', name=op.f('uq_identity_provider_slug'))
    )
    op.create_table('scim_client',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('mapping', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scim_client')),
    sa.UniqueConstraint('slug', name=op.f('uq_scim_client_slug'))
    )
    op.create_table('signing_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('private_key_sealed', sa.Text(), nullable=False),
    sa.Column('certificate', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state IN ('current', 'next', 'retired')", name=op.f('ck_signing_key_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_key')),
    sa.UniqueConstraint('state', name=op.f('uq_signing_key_state'))
    )
    op.create_table('identity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=1024), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_identity_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['provider_id'], ['identity_provider.id'], name=op.f('fk_identity_provider_id_identity_provider'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity')),
    sa.UniqueConstraint('provider_id', 'subject', name=op.f('uq_identity_provider_id_subject'))
    )
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_person_id'), ['person_id'], unique=False)

    op.create_table('pending_sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.String(length=100), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('browser_hash', sa.String(length=64), nullable=False),
    sa.Column('next_url', sa.Text(), nullable=False),
    sa.Column('purpose', sa.String(length=10), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('nonce', sa.String(length=100), nullable=False),
    sa.Column('code_verifier', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_pending_sign_in_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['provider_id'], ['identity_provider.id'], name=op.f('fk_pending_sign_in_provider_id_identity_provider'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['session_id'], ['login_session.id'], name=op.f('fk_pending_sign_in_session_id_login_session'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pending_sign_in')),
    sa.UniqueConstraint('request_id', name=op.f('uq_pending_sign_in_request_id'))
    )
    with op.batch_alter_table('pending_sign_in', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_pending_sign_in_expires_at'), ['expires_at'], unique=False)

    op.create_table('scim_group',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('display_name', sa.String(length=200), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['scim_client.id'], name=op.f('fk_scim_group_client_id_scim_client'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scim_group'))
    )
    with op.batch_alter_table('scim_group', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scim_group_client_id'), ['client_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_scim_group_display_name'), ['display_name'], unique=False)
        batch_op.create_index(batch_op.f('ix_scim_group_external_id'), ['external_id'], unique=False)

    op.create_table('scim_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('hint', sa.String(length=12), nullable=False),
    sa.Column('scopes', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['client_id'], ['scim_client.id'], name=op.f('fk_scim_token_client_id_scim_client'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scim_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_scim_token_token_hash'))
    )
    with op.batch_alter_table('scim_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scim_token_client_id'), ['client_id'], unique=False)

    op.create_table('scim_user',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('client_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('user_name', sa.String(length=320), nullable=False),
    sa.Column('external_id', sa.String(length=200), nullable=True),
    sa.Column('display_name', sa.String(length=200), nullable=True),
    sa.Column('body', sa.JSON(), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['client_id'], ['scim_client.id'], name=op.f('fk_scim_user_client_id_scim_client'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_scim_user_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scim_user')),
    sa.UniqueConstraint('client_id', 'user_name', name=op.f('uq_scim_user_client_id_user_name')),
    sa.UniqueConstraint('person_id', name=op.f('uq_scim_user_person_id'))
    )
    with op.batch_alter_table('scim_user', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scim_user_display_name'), ['display_name'], unique=False)
        batch_op.create_index(batch_op.f('ix_scim_user_external_id'), ['external_id'], unique=False)

    op.create_table('scim_email',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('value', sa.String(length=320), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['scim_user.id'], name=op.f('fk_scim_email_user_id_scim_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'value', name=op.f('pk_scim_email'))
    )
    with op.batch_alter_table('scim_email', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scim_email_value'), ['value'], unique=False)

    op.create_table('sign_in_record',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('purpose', sa.String(length=10), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('subject', sa.String(length=1024), nullable=False),
    sa.Column('received', sa.JSON(), nullable=False),
    sa.Column('made', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_record_person_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['provider_id'], ['identity_provider.id'], name=op.f('fk_sign_in_record_provider_id_identity_provider'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_record'))
    )
    with op.batch_alter_table('sign_in_record', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_record_provider_id'), ['provider_id'], unique=False)

    op.create_table('used_message',
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(length=300), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['provider_id'], ['identity_provider.id'], name=op.f('fk_used_message_provider_id_identity_provider'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('provider_id', 'message_id', name=op.f('pk_used_message'))
    )
    with op.batch_alter_table('used_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_used_message_expires_at'), ['expires_at'], unique=False)

    op.create_table('scim_member',
    sa.Column('group_id', sa.String(length=36), nullable=False),
    sa.Column('value', sa.String(length=100), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['scim_group.id'], name=op.f('fk_scim_member_group_id_scim_group'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'value', name=op.f('pk_scim_member'))
    )
    with op.batch_alter_table('scim_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scim_member_value'), ['value'], unique=False)

    op.create_table('departure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_hash', sa.String(length=64), nullable=False),
    sa.Column('provider_id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.String(length=100), nullable=False),
    sa.Column('subject', sa.String(length=1024), nullable=False),
    sa.Column('subject_format', sa.String(length=200), nullable=False),
    sa.Column('session_index', sa.String(length=300), nullable=False),
    sa.Column('id_token_sealed', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['provider_id'], ['identity_provider.id'], name=op.f('fk_departure_provider_id_identity_provider'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_departure')),
    sa.UniqueConstraint('ticket_hash', name=op.f('uq_departure_ticket_hash'))
    )
    with op.batch_alter_table('departure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_departure_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_departure_request_id'), ['request_id'], unique=False)

    # what sessions must now say of themselves is not known of the old ones
    op.execute("DELETE FROM login_session")
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('address', sa.String(length=45), nullable=False))
        batch_op.add_column(sa.Column('proved_at', sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column('ends_by', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('provider_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('subject', sa.String(length=1024), nullable=False))
        batch_op.add_column(sa.Column('subject_format', sa.String(length=200), nullable=False))
        batch_op.add_column(sa.Column('session_index', sa.String(length=300), nullable=False))
        batch_op.add_column(sa.Column('id_token_sealed', sa.Text(), nullable=False))
        batch_op.create_index(batch_op.f('ix_login_session_provider_id'), ['provider_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_login_session_provider_id_identity_provider'), 'identity_provider', ['provider_id'], ['id'], ondelete='CASCADE')

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('access_from', sa.String(length=40), nullable=False, server_default=''))



def downgrade() -> None:
    """Take the change back."""
    # a batch would make the table anew, and dropping the old one would empty what points at it
    op.execute("ALTER TABLE person DROP COLUMN access_from")

    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_login_session_provider_id_identity_provider'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_login_session_provider_id'))
        batch_op.drop_column('id_token_sealed')
        batch_op.drop_column('session_index')
        batch_op.drop_column('subject_format')
        batch_op.drop_column('subject')
        batch_op.drop_column('provider_id')
        batch_op.drop_column('ends_by')
        batch_op.drop_column('proved_at')
        batch_op.drop_column('address')

    op.drop_table('departure')
    with op.batch_alter_table('scim_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scim_member_value'))

    op.drop_table('scim_member')
    with op.batch_alter_table('used_message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_used_message_expires_at'))

    op.drop_table('used_message')
    with op.batch_alter_table('sign_in_record', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_sign_in_record_provider_id'))

    op.drop_table('sign_in_record')
    with op.batch_alter_table('scim_email', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scim_email_value'))

    op.drop_table('scim_email')
    with op.batch_alter_table('scim_user', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scim_user_external_id'))
        batch_op.drop_index(batch_op.f('ix_scim_user_display_name'))

    op.drop_table('scim_user')
    with op.batch_alter_table('scim_token', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scim_token_client_id'))

    op.drop_table('scim_token')
    with op.batch_alter_table('scim_group', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scim_group_external_id'))
        batch_op.drop_index(batch_op.f('ix_scim_group_display_name'))
        batch_op.drop_index(batch_op.f('ix_scim_group_client_id'))

    op.drop_table('scim_group')
    with op.batch_alter_table('pending_sign_in', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_pending_sign_in_expires_at'))

    op.drop_table('pending_sign_in')
    with op.batch_alter_table('identity', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_identity_person_id'))

    op.drop_table('identity')
    op.drop_table('signing_key')
    op.drop_table('scim_client')
    op.drop_table('identity_provider')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_entry_at'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_actor_id'))
        batch_op.drop_index(batch_op.f('ix_audit_entry_action'))

    op.drop_table('audit_entry')
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_entry_only_grows()")
