"""Keeps an assertion letter by letter as it was signed when it is taken out of its encryption.

python3-saml moves the decrypted assertion within one tree, and lxml then gives it the prefixes
under which the response around it declares the same namespaces. Where those differ, as with
pysaml2, a good signature no longer holds. So the assertion is decrypted in a tree of its own and
put in its place as text, which also passes the parser that everything else has passed.
"""

from typing import Any

from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

from app.saml.encoding import NAMES, SAMLP

_PLACE = b"<?assertion here?>"  # the parser drops all instructions, so this one is ours


class Opened(OneLogin_Saml2_Response):
    """A response in which what is encrypted can be read."""

    def _decrypt_assertion(self, xml: Any) -> Any:
        """Return the response with its assertion decrypted (Core 2.3.4)."""
        envelope = xml.find("saml:EncryptedAssertion", NAMES)
        xml.replace(envelope, etree.ProcessingInstruction("assertion", "here"))
        alone = etree.Element(f"{{{SAMLP}}}Response", nsmap={"samlp": SAMLP})
        alone.append(envelope)
        (assertion,) = super()._decrypt_assertion(alone)
        plain = etree.tostring(assertion, with_tail=False)
        return OneLogin_Saml2_XML.to_etree(etree.tostring(xml).replace(_PLACE, plain))
