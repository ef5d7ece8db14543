import sys
from uuid import uuid4

from claimline import (
    ApiClient,
    ClaimEvent,
    ClaimInput,
    Configuration,
    EventType,
    ExtentInput,
    ExtentOperator,
    PlaceReferenceInput,
    Predicate,
    Problem,
    ReadingApi,
    SpeakerInput,
    Stance,
    StatementInput,
    Status,
    TheLogApi,
    WritingApi,
)
from claimline.exceptions import UnprocessableEntityException

url, speaker = sys.argv[1:]
client = ApiClient(Configuration(host=url))
writing, reading, log = WritingApi(client), ReadingApi(client), TheLogApi(client)
statement = StatementInput(
    statementId=uuid4(),
    stance=Stance.ASSERT,
    claim=ClaimInput(predicate=Predicate.CONTROLS, actor="russia", extent=ExtentInput(op=ExtentOperator.GREATER_THAN, percent=80.5)),
    location=PlaceReferenceInput(name=f"Mill of {speaker}", region="Lowland", country="ZZ", coordinates=[37.608, 49.717]),
    speaker=SpeakerInput(name=speaker, party="russia"),
    via=["wire.example"],
    statedAt="2025-11-20",
)
first = writing.record_statement_with_http_info(statement)
assert first.status_code == 201 and not first.data.duplicate, first
again = writing.record_statement_with_http_info(statement)
assert again.status_code == 200 and again.data.duplicate and again.data.event_id == first.data.event_id, again

id, after = first.data.location_id, first.data.token
state = reading.get_location(id, after=after, wait=10_000)
assert state.status == Status.CLAIMED and state.since and state.coordinates[0] == 37.608, state
assert state.control[0].extent.percent == 80.5 and state.control[0].asserted_by[0].statement_id == statement.statement_id, state


def listed(*status):
    return [one.id for one in reading.list_locations(status=list(status), q=f"Mill of {speaker}").items]


assert id in listed(Status.CONTESTED, Status.CLAIMED)
assert listed(Status.CONTESTED, Status.DENIED) == []

event = log.list_events(types=[EventType.CLAIM_DOT_ASSERTED, EventType.CLAIM_DOT_DENIED], locations=[id]).items[0].actual_instance
assert isinstance(event, ClaimEvent) and event.data.claim.extent.percent == 80.5, event

statement.claim = ClaimInput(predicate=Predicate.CAPTURED)
try:
    raise AssertionError(writing.record_statement(statement))
except UnprocessableEntityException as refusal:
    problem = refusal.data
    assert isinstance(problem, Problem) and problem.type == "urn:claimline:problem:statement-invalid", problem
    assert problem.errors[0].pointer == "/claim/actor", problem
