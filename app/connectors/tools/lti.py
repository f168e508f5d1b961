"""Launches items of any tool that speaks LTI 1.3, with Foyer as the platform.

It reads nothing: an item is opened by a signed launch (`app.lti`), and items come in when a curator
picks them in the tool (Deep Linking 2.0) or from a file. Simulations and labs mostly speak it.

Standard: https://www.imsglobal.org/spec/lti/v1p3 and https://www.imsglobal.org/spec/lti-dl/v2p0
Settings: {"address": "https://lab.example.com", "login_url": "https://lab.example.com/lti/login",
"target_link_uri": "https://lab.example.com/lti/launch", "redirect_uris":
"https://lab.example.com/lti/launch", "jwks_url": "https://lab.example.com/lti/jwks"}
Limits: none of its own. Links: the address of an item is what the tool is told to open; the browser
goes to `login_url` first. Grades (AGS) and member lists (NRPS) are not offered.
Tried against: PyLTI1p3 2.0.0 as a foreign tool, launches and Deep Linking, in a browser too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from app.connectors.base import (
    Capabilities,
    LaunchKind,
    Link,
    Presence,
    Probe,
    Proof,
    Quadrant,
    SourceError,
    Spec,
)
from app.connectors.http import Http
from app.connectors.settings import Ask, ToolSettings, setting
from app.errors import Invalid, Wording
from app.outbound import OutboundRefused, parsed

KINDS: Mapping[str, Wording] = {
    "simulation": Wording("Simulation"),
    "course": Wording("Course"),
    "assessment": Wording("Assessment"),
    "video": Wording("Video"),
    "article": Wording("Article"),
    "book": Wording("Book"),
    "job-aid": Wording("Job aid"),
}
_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_[]:")
_ADDRESS = Wording("This must be an address such as https://lab.example.com/lti/launch.")
_ADDRESSES = ("address", "login_url", "target_link_uri", "deep_linking_uri", "jwks_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class LtiSettings(ToolSettings):
    """What a tool says when Foyer is registered there; its client id is ours to give."""

    login_url: str = setting(
        Wording("Login initiation URL"),
        hint=Wording("Where the tool wants a launch to begin."),
        needed=True,
    )
    target_link_uri: str = setting(
        Wording("Target link URI"),
        hint=Wording("What opens where an item has no address of its own."),
        needed=True,
    )
    redirect_uris: str = setting(
        Wording("Redirect URIs"),
        Ask.LINES,
        hint=Wording("One a line, exactly as the tool names them. Launches go nowhere else."),
        needed=True,
    )
    deep_linking_uri: str = setting(
        Wording("Deep Linking URL"),
        hint=Wording("Only where it is another one than the target link URI."),
    )
    jwks_url: str = setting(
        Wording("Public key set URL of the tool"),
        hint=Wording("For picking items in the tool. A public key will do as well."),
    )
    public_key: str = setting(
        Wording("Public key of the tool"),
        Ask.LINES,
        hint=Wording("As PEM. Only where the tool has no key set."),
    )
    kind: str = setting(
        Wording("What its items are"), Ask.CHOICE, default="simulation", choices=KINDS
    )
    share_names: bool = setting(
        Wording("Tell the tool people’s names and e-mail addresses"),
        Ask.SWITCH,
        hint=Wording("Without this it knows each person by a random name."),
        default=False,
    )

    def __post_init__(self) -> None:
        """Raise Invalid naming each address or key that cannot be used."""
        written = {name: getattr(self, name) for name in _ADDRESSES}
        complaints = {
            name: _ADDRESS for name, value in written.items() if value and not is_address(value)
        }
        if not self.redirects or not all(is_address(each) for each in self.redirects):
            complaints["redirect_uris"] = _ADDRESS
        if self.public_key and not _is_public_key(self.public_key):
            complaints["public_key"] = Wording(
                "This is not a public key as PEM: it begins with -----BEGIN PUBLIC KEY-----."
            )
        if complaints:
            raise Invalid(complaints)

    @property
    def redirects(self) -> tuple[str, ...]:
        """Return the addresses to which a launch may be sent."""
        return tuple(self.redirect_uris.split())

    @property
    def origins(self) -> tuple[str, ...]:
        """Return the origins of all its addresses, to which a form of ours may lead."""
        named = (self.address, self.login_url, self.target_link_uri, *self.redirects)
        return tuple(sorted({origin_of(each) for each in named if each}))

    @property
    def picks(self) -> bool:
        """Tell whether what the tool sends can be proved, so that items can be picked in it."""
        return bool(self.jwks_url or self.public_key)


class Lti:
    """A tool that is launched by LTI 1.3."""

    spec: ClassVar[Spec] = Spec(
        kind="lti",
        name="LTI 1.3",
        summary=Wording("Opens simulations, labs and courses of any tool that speaks LTI 1.3."),
        family="simulation",
        quadrants=(Quadrant.DELIVER,),
        settings=LtiSettings,
        capabilities=Capabilities(sweep=False, launches=frozenset({LaunchKind.LTI13})),
        proof=Proof.REAL,
        source="PyLTI1p3 2.0.0",
        set_up=(
            Wording("Register Foyer in the tool as a platform, with the values of this page."),
            Wording(
                "Enter here what the tool shows: where a launch begins, what opens, its redirect "
                "URIs and its key set."
            ),
            Wording("Then curators pick items in the tool, on the pages for curators."),
        ),
    )

    def __init__(self, settings: LtiSettings, http: Http) -> None:
        """Keep the settings and the client."""
        self._settings = settings
        self._http = http

    def check(self) -> Iterator[Probe]:
        """Look whether the key set can be read; launches pass through browsers, not through us."""
        what = Wording("Keys for picking items")
        if self._settings.public_key:
            yield Probe(what, ok=True)
        elif not self._settings.jwks_url:
            why = Wording("Without a key set or a public key nobody can pick items in the tool.")
            yield Probe(what, ok=False, why=why, needed=False)
        else:
            yield self._key_set(what)

    def probe(self, external_ids: Sequence[str]) -> Mapping[str, Presence]:
        """Return UNKNOWN for each: LTI has no way to ask."""
        return dict.fromkeys(external_ids, Presence.UNKNOWN)

    def link(self, external_id: str, stored: Link) -> Link:  # noqa: ARG002 (the protocol's)
        """Return the address that was kept: it is what the tool is told to open."""
        return stored

    def _key_set(self, what: Wording) -> Probe:
        if origin_of(self._settings.jwks_url) != origin_of(self._settings.address):
            why = Wording("The key set is on another host and is only read when items are picked.")
            return Probe(what, ok=False, why=why, needed=False)
        try:
            found = self._http.get_json(self._settings.jwks_url)
        except SourceError as error:
            return Probe(what, ok=False, why=error.sentence)
        listed = found.get("keys") if isinstance(found, dict) else None
        if not isinstance(listed, list) or not listed:
            return Probe(what, ok=False, why=Wording("There is no key set at this address."))
        return Probe(what, ok=True)


def is_address(text: str) -> bool:
    """Tell whether this is a web address that a launch can use: absolute, without a fragment."""
    try:
        url = parsed(text)
    except OutboundRefused:
        return False
    host = url.raw_host.decode("ascii", "replace")
    plain = all(33 <= ord(letter) < 127 for letter in text) and "\\" not in text
    known = url.scheme in {"http", "https"} and bool(host) and set(host.lower()) <= _HOST
    return plain and known and not url.userinfo and "#" not in text


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as a browser writes an origin (RFC 6454, 6)."""
    url = parsed(address)
    host = url.raw_host.decode("ascii")
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://[{host}]{port}" if ":" in host else f"{url.scheme}://{host}{port}"


def _is_public_key(text: str) -> bool:
    try:
        load_pem_public_key(text.encode())
    except ValueError:
        return False
    return True
