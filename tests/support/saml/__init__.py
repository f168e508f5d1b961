"""An identity provider of the tests' own: it mints any SAML message, honest or not.

`keys` makes key pairs, `mint` writes and signs answers, `changes` and `wrapping` spoil what was
signed, `logout` writes the messages of single logout, `provider` puts it together, `flow` walks a
browser through a sign-in, and `foreign` is a provider that nobody of us wrote.
"""
