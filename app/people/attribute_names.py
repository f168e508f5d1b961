"""The names under which directories, identity providers and HR systems usually send each fact.

Three flavours: plain words (LDAP, OIDC, SCIM), claim URIs (WS-Federation as AD FS and Entra ID
speak it), and OIDs (X.500 names as Shibboleth and PySAML2 send them). Best first. A user principal
name stands last for the e-mail address, since it need not be one; a job title is not a job role
unless a mapping says so, since there are as many titles as people.
"""

from collections.abc import Mapping

_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_WINDOWS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/"
_ENTRA = "http://schemas.microsoft.com/identity/claims/"

USUAL: Mapping[str, tuple[str, ...]] = {
    "email": (
        "mail",
        "email",
        "e-mail",
        "emailAddress",
        f"{_CLAIMS}emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1",
        "userPrincipalName",
        "upn",
        f"{_CLAIMS}upn",
    ),
    "name": (
        "displayName",
        "name",
        "cn",
        "name.formatted",
        f"{_ENTRA}displayname",
        f"{_CLAIMS}displayname",
        "http://schemas.xmlsoap.org/claims/CommonName",
        "urn:oid:2.16.840.1.113730.3.1.241",
        "urn:oid:2.5.4.3",
        f"{_CLAIMS}name",
    ),
    "given_name": (
        "givenName",
        "given_name",
        "firstName",
        "first_name",
        "name.givenName",
        f"{_CLAIMS}givenname",
        "urn:oid:2.5.4.42",
    ),
    "family_name": (
        "sn",
        "surname",
        "family_name",
        "familyName",
        "lastName",
        "last_name",
        "name.familyName",
        f"{_CLAIMS}surname",
        "urn:oid:2.5.4.4",
    ),
    "external_id": (
        "employeeNumber",
        "employee_number",
        "employeeId",
        "employee_id",
        "external_id",
        "externalId",
        f"{_CLAIMS}employeeid",
        f"{_ENTRA}employeeid",
        "urn:oid:2.16.840.1.113730.3.1.3",
    ),
    "department": (
        "department",
        "ou",
        "departmentNumber",
        f"{_CLAIMS}department",
        "http://schemas.xmlsoap.org/claims/Department",
        "urn:oid:1.2.840.113556.1.2.141",
        "urn:oid:2.5.4.11",
        "urn:oid:2.16.840.1.113730.3.1.2",
    ),
    "location": (
        "location",
        "officeLocation",
        "physicalDeliveryOfficeName",
        "city",
        "locality",
        "l",
        f"{_CLAIMS}locality",
        "urn:oid:2.5.4.19",
        "urn:oid:2.5.4.7",
    ),
    "manager": (
        "manager",
        "managerEmail",
        "manager_email",
        f"{_CLAIMS}manager",
        "urn:oid:0.9.2342.19200300.100.1.10",
    ),
    "roles": ("roles", "role", "jobRole", "job_role", f"{_WINDOWS}role"),
    "groups": (
        "groups",
        "group",
        "memberOf",
        "isMemberOf",
        f"{_WINDOWS}groups",
        "http://schemas.xmlsoap.org/claims/Group",
        "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
        "urn:oid:1.2.840.113556.1.2.102",
    ),
    "locale": (
        "locale",
        "preferredLanguage",
        "preferred_language",
        "language",
        f"{_CLAIMS}locale",
        "urn:oid:2.16.840.1.113730.3.1.39",
    ),
}
