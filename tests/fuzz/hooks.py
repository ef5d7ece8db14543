"""What schemathesis does not try: the document says in words, not in a schema, what it answers. Nor does it end its own key."""

import os

import schemathesis


@schemathesis.hook
def filter_case(context, case):
    # An array is accepted where one statement is documented; /v1/statements/batch documents it.
    takes_one = case.method.upper() == "POST" and case.operation.path == "/v1/statements"
    if takes_one and isinstance(case.body, list):
        return False
    of_key = case.operation.path.startswith("/v1/keys/")
    return not (of_key and case.path_parameters.get("id") == os.environ["FUZZ_KEY_ID"])
