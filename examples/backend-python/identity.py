"""For whom an agent calls: its bearer, verified here with the public keys of the gateway.

Invariant: the claims that come out were signed by the gateway, for us, about this very user, and have not ended;
whatever is unclear is refused.
"""

import os
import re

import jwt

from gateway import gateway, is_active
from problem import Refused

# Our own name in `bearer.audiences`. A bearer for anybody else is none.
AUDIENCE = os.environ.get("AUDIENCE", "tools.example")
# User ids are ours within a tenant: the same id of another tenant is somebody else.
TENANT = os.environ.get("TENANT", "default")

FRESH = 5 * 60
# A key that is new to us may be a forger's: so often we look for it, and no more.
COOLDOWN = 30
# A bearer is a kilobyte; nothing longer is looked at.
MAX_LENGTH = 8192

_NEEDED = ["iss", "aud", "sub", "tenant", "act", "scope", "iat", "exp", "jti"]
_REASONS = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not_yet",
    jwt.InvalidAudienceError: "aud",
    jwt.InvalidIssuerError: "iss",
    jwt.InvalidSignatureError: "signature",
    jwt.InvalidAlgorithmError: "alg",
    jwt.MissingRequiredClaimError: "claims",
}


def verified(bearer, user, scope):
    """The claims. Raises Refused: 401 for a bearer not good here, 403 for a good one of somebody else or of too little."""
    try:
        claims = _claims(bearer, **gateway(FRESH))
    except Refused as refused:
        # Signed with a key, or in a name, that we have not heard of: it may be new.
        if refused.reason not in ("key", "iss"):
            raise
        claims = _claims(bearer, **gateway(COOLDOWN))
    if claims["sub"] != user or claims["tenant"] != TENANT:
        raise Refused(403, "bearer_forbidden", "The bearer is good, but it is of somebody else")
    # `tools` allows `tools:orders`; `tools:orders` allows itself.
    if not any(scope == held or scope.startswith(f"{held}:") for held in claims["scope"].split(" ")):
        raise Refused(403, "bearer_forbidden", "The bearer is good, but it does not allow that")
    return claims


def confirmed(bearer):
    """For what cannot be taken back. Raises Refused: 401 for whoever was shut out, 503 when the gateway cannot tell."""
    if not is_active(bearer):
        raise _not_good("inactive")


def bearer_in(authorization):
    """The one place that a bearer is taken from."""
    found = re.fullmatch(r"Bearer +([\w.~+/=-]+)", authorization or "", re.IGNORECASE | re.ASCII)
    if found is None:
        raise Refused(401, "auth_required", "This needs Authorization: Bearer eyJ…")
    return found[1]


def challenge(reason):
    """RFC 6750 3: what a 401 says in `WWW-Authenticate`; without a bearer, no error."""
    more = f', error="invalid_token", error_description="{reason}"' if reason else ""
    return f'Bearer realm="{AUDIENCE}"{more}'


def _claims(bearer, issuer, keys, **_):
    if len(bearer) > MAX_LENGTH:
        raise _not_good("malformed")
    try:
        head = jwt.get_unverified_header(bearer)
        if head.get("kid") not in keys:
            raise _not_good("key")
        claims = jwt.decode(
            bearer,
            keys[head["kid"]],
            # By the kind of key, never by what the bearer says of itself (RFC 8725 3.1).
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            issuer=issuer,
            leeway=5,
            options={"require": _NEEDED},
        )
    except jwt.PyJWTError as cause:
        raise _not_good(_REASONS.get(type(cause), "malformed")) from cause
    if head.get("typ") != "at+jwt" or "crit" in head:
        raise _not_good("typ")
    words = [claims[name] for name in ("aud", "sub", "tenant", "scope", "jti")]
    if not all(isinstance(word, str) and word for word in words) or not isinstance(claims["act"], dict):
        raise _not_good("claims")
    return claims


def _not_good(reason):
    return Refused(401, "bearer_invalid", "The bearer is not good here", reason)
