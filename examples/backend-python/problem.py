"""The one error of this backend, as RFC 9457 prints it."""


class Refused(Exception):
    """`reason` is one word, for a 401 that has a bearer to complain about."""

    def __init__(self, status, code, title, reason=None):
        super().__init__(title)
        self.status, self.reason = status, reason
        more = {} if reason is None else {"reason": reason}
        self.document = {"type": f"/docs/errors#{code}", "title": title, "status": status, "code": code, **more}
