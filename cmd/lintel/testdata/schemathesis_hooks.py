# SPDX-License-Identifier: Apache-2.0
"""Gives every call a key of its own: a key names one thing that is to be done, and the fuzzer uses the
same again with other bodies. Keys that are missing or not usable stay as they are."""

import re
import uuid

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[A-Za-z0-9._~-]{16,128}", key):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
