"""What this SCIM service is: its schemas, what it can and cannot do, and what it forgives.

The answers to `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644 section 4) are
made here, and `app.scim.storage` keeps what they promise.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    ForbiddenException,
    ListResponse,
    Pagination,
    Patch,
    Required,
    Resource,
    ResourceType,
    ResponseParameters,
    Schema,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation, Target
from scim2_server.service import ScimService
from scim2_server.utils import load_default_resource_types, load_default_schemas

from app.scim.service import Scope

USER = "User"
CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PAGE = 100
LONGEST_PAGE = 200
_READS = frozenset({Operation.query, Operation.search, Operation.search_with_body})
_WRITES = {USER: Scope.USERS, "Group": Scope.GROUPS}

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=LONGEST_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    pagination=Pagination(
        cursor=False, index=True, default_page_size=PAGE, max_page_size=LONGEST_PAGE
    ),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token that an administrator issued, in the Authorization header",
            primary=True,
        )
    ],
)
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


@cache
def provider() -> ScimProvider:
    """Return users with the enterprise extension, and groups, as RFC 7643 defines them.

    Made when first asked for: it takes a second, which no other command or worker should wait.
    """
    return ScimProvider.from_discovery(
        load_default_schemas().values(),
        load_default_resource_types().values(),
        config=CONFIG,
        policy=POLICY,
    )


def _published() -> tuple[Schema, ...]:
    """Return the schemas for clients: an e-mail address is asked for, since it is who one is here.

    The service itself also takes a user without one whose `userName` is an e-mail address.
    """
    schemas = tuple(one.model_copy(deep=True) for one in provider().schemas)
    user = next(one for one in schemas if one.id == CORE_USER)
    emails = next(one for one in user.attributes or [] if one.name == "emails")
    value = next(one for one in emails.sub_attributes or [] if one.name == "value")
    emails.required = value.required = Required.true
    return schemas


class Scim(ScimService):
    """The protocol as Foyer speaks it; `ScimRequest.subject` holds the scopes of the token."""

    def __init__(self) -> None:
        """Serve what this module describes."""
        super().__init__(provider())
        self._published = _published()

    def authorize(self, request: ScimRequest, target: Target, resource_type: ResourceType) -> None:
        """Raise ForbiddenException unless the token's scopes allow the operation."""
        wanted = Scope.READ if target.operation in _READS else _WRITES[str(resource_type.name)]
        if wanted not in request.subject:
            raise ForbiddenException(detail=f"The token lacks the scope '{wanted}'")

    def patch_response(
        self,
        base_url: str,
        resource: Resource[Any],
        response_parameters: ResponseParameters[Any],
    ) -> ScimResponse:
        """Return a patched user whole, since Okta reads it; of a group, which may be long, nothing.

        RFC 7644, section 3.5.2, allows either.
        """
        asked = response_parameters.attributes or response_parameters.excluded_attributes
        if self.get_resource_type_of(resource).name != USER and not asked:
            version = resource.meta.version if resource.meta else None
            return ScimResponse(HTTPStatus.NO_CONTENT, None, {"ETag": version or ""})
        return self.resource_response(
            self.publish(base_url, resource),
            Context.RESOURCE_REPLACEMENT_RESPONSE,
            response_parameters,
            HTTPStatus.OK,
        )

    def schemas(self, location: str, query: Mapping[str, str]) -> ScimResponse:
        """Return the published schemas (RFC 7643, section 7)."""
        self.forbid_filter(query)
        found = [self.locate(one, f"{location}/{one.id}") for one in self._published]
        answer = ListResponse[Schema](
            total_results=len(found), items_per_page=len(found), start_index=1, resources=found
        )
        return ScimResponse(HTTPStatus.OK, answer.model_dump())

    def schema(self, location: str, schema_id: str, query: Mapping[str, str]) -> ScimResponse:
        """Return one published schema, or fail as the library does for one that is not there."""
        for one in self._published:
            if one.id == schema_id:
                self.forbid_filter(query)
                return self.discovery_response(self.locate(one, location))
        return super().schema(location, schema_id, query)


@cache
def speaker() -> Scim:
    """Return the one service of this process, made when first asked for."""
    return Scim()
