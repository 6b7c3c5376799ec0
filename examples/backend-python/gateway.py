"""What the gateway is asked: its keys, now and then, and whether a bearer is good, when that matters.

Invariant: no answer, a redirect, or an answer of another form is an error, and never a yes.
"""

import http.client
import json
import os
import threading
import time
import urllib.parse
import urllib.request

import jwt

from problem import Refused

BASE = os.environ.get("COUNTERSIGN_URL", "http://127.0.0.1:8787")
# Of `countersign tokens create --scope backend`.
TOKEN = os.environ.get("COUNTERSIGN_TOKEN")
PATIENCE = 3
# How long old keys count while the gateway does not answer.
STALE = 60 * 60

_lock = threading.Lock()
_latest = None
_asked_at = 0.0


def gateway(max_age):
    """Issuer and keys, asked for less than `max_age` ago. Many requests at once ask once."""
    global _latest, _asked_at
    with _lock:
        now = time.monotonic()
        usable = _latest if _latest is not None and now - _latest["at"] < STALE else None
        if usable is not None and now - _asked_at < max_age:
            return usable
        _asked_at = now
        try:
            _latest = {"at": now, **_read()}
            return _latest
        except Refused:
            if usable is None:
                raise
            return usable


def _read():
    try:
        issuer = _asked("/.well-known/oauth-authorization-server")["issuer"]
        found = _asked("/.well-known/jwks.json")["keys"]
        # One kind of key, whatever else the set may hold: it decides how a bearer is signed, and the bearer does not.
        keys = {jwk["kid"]: jwt.PyJWK(jwk).key for jwk in found if jwk.get("crv") == "Ed25519"}
        return {"issuer": str(issuer), "keys": keys}
    except (LookupError, TypeError, AttributeError, jwt.PyJWTError) as cause:
        raise _unavailable("The gateway answered something else") from cause


def is_active(bearer):
    """Whether a bearer is good at this moment (RFC 7662): the gateway knows at once that somebody was shut out."""
    if TOKEN is None:
        raise _unavailable("COUNTERSIGN_TOKEN is not set")
    form = urllib.parse.urlencode({"token": bearer}).encode()
    return _asked("/oauth/introspect", form, {"Authorization": f"Bearer {TOKEN}"}).get("active") is True


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would take our token, and our trust, to somewhere else."""

    def redirect_request(self, *_):
        return None


_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def _asked(path, data=None, headers=None):
    try:
        request = urllib.request.Request(BASE + path, data, headers or {})
        with _opener.open(request, timeout=PATIENCE) as answer:
            said = json.load(answer)
    except (OSError, ValueError, http.client.HTTPException) as cause:
        raise _unavailable("The gateway does not answer") from cause
    return said if isinstance(said, dict) else {}


def _unavailable(title):
    return Refused(503, "identity_unavailable", title)
