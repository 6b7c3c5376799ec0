"""A backend of a company assistant: orders and refunds.

Invariant: nothing of a route runs before the bearer of the call was verified for the user in the path. So no route can
forget it, and a model may ask for whatever it likes.
"""

import json
import os
import re
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from identity import bearer_in, challenge, confirmed, verified
from problem import Refused

ORDERS = {
    "u-4711": [
        {"id": "o-1001", "item": "desk lamp", "cents": 4900, "state": "delivered"},
        {"id": "o-1002", "item": "chair", "cents": 18900, "state": "on its way"},
    ],
    "u-4712": [{"id": "o-2001", "item": "headphones", "cents": 7900, "state": "delivered"}],
}
writing = threading.Lock()


# `user` is proven. What the caller named besides is a wish.
def list_orders(user, named):
    return {"items": ORDERS.get(user, [])}


def show_order(user, named):
    """Among the user's own: an order of somebody else is as unknown as none."""
    for order in ORDERS.get(user, []):
        if order["id"] == named.get("order"):
            return order
    raise Refused(404, "not_found", "There is no such order")


def refund(user, named):
    with writing:
        order = show_order(user, named)
        if order["state"] != "delivered":
            raise Refused(409, "state_conflict", f"It is {order['state']}")
        order["state"] = "refunded"
        return order


# Method, path, what the bearer has to allow, whether the gateway is asked first (what cannot be taken back), what runs.
ROUTES = [
    ("GET", re.compile(r"/users/(?P<user>[^/]+)/orders"), "tools:orders", False, list_orders),
    ("GET", re.compile(r"/users/(?P<user>[^/]+)/orders/(?P<order>[^/]+)"), "tools:orders", False, show_order),
    ("POST", re.compile(r"/users/(?P<user>[^/]+)/refunds"), "tools:refunds", True, refund),
]


def decoded(match):
    try:
        return {name: unquote(text, errors="strict") for name, text in match.groupdict().items()}
    except ValueError as cause:
        raise Refused(400, "request_malformed", "The path is not UTF-8") from cause


class Handler(BaseHTTPRequestHandler):
    timeout = 10

    def answered(self, path):
        for method, pattern, scope, is_final, run in ROUTES:
            match = pattern.fullmatch(path) if method == self.command else None
            if match is None:
                continue
            # Read in any case: closing on a caller who still writes would cost them the answer.
            body = {} if method == "GET" else self.body()
            named = decoded(match)
            user = named.pop("user")
            bearer = bearer_in(self.headers.get("Authorization"))
            claims = verified(bearer, user, scope)
            if is_final:
                confirmed(bearer)
            print(f"{claims['act']['sub']} for {user}: {method} {path!a} (bearer {claims['jti']})", flush=True)
            return run(user, {**body, **named})
        raise Refused(404, "not_found", "There is nothing of that name")

    def body(self):
        try:
            length = int(self.headers.get("Content-Length", ""))
            if not 0 <= length <= 65536:
                raise Refused(413, "request_too_large", "The request is larger than this route takes")
            return dict(json.loads(self.rfile.read(length)))
        except (TypeError, ValueError, RecursionError) as cause:
            raise Refused(400, "request_malformed", "The body is not a JSON object") from cause

    def respond(self):
        path = self.path.partition("?")[0]
        try:
            self.send(200, "application/json", self.answered(path))
        except Exception as cause:
            refused = cause
            if not isinstance(cause, Refused):
                traceback.print_exc()
                refused = Refused(500, "internal", "Something broke inside")
            print(f"{refused.status}: {self.command} {path!a}: {refused}", flush=True)
            self.send(refused.status, "application/problem+json", refused.document, refused)

    def send(self, status, kind, document, refused=None):
        data = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        if status == 401:
            self.send_header("WWW-Authenticate", challenge(refused.reason))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = respond

    def log_message(self, *_):
        """One line for each call is enough, and it is printed above."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8791"))), Handler)
    print(f"backend: http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
