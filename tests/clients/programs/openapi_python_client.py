import sys
from uuid import uuid4

from claimline import Client
from claimline.api.reading import get_location, list_locations
from claimline.api.the_log import list_events
from claimline.api.writing import record_statement
from claimline.models import (
    ClaimEvent,
    ClaimInput,
    EventType,
    ExtentInput,
    ExtentOperator,
    PlaceReferenceInput,
    Predicate,
    Problem,
    Receipt,
    SpeakerInput,
    Stance,
    State,
    StatementInput,
    Status,
)

url, speaker = sys.argv[1:]
client = Client(base_url=url)
statement = StatementInput(
    statement_id=uuid4(),
    stance=Stance.ASSERT,
    claim=ClaimInput(predicate=Predicate.CONTROLS, actor="russia", extent=ExtentInput(op=ExtentOperator.VALUE_1, percent=80.5)),
    location=PlaceReferenceInput(name=f"Mill of {speaker}", region="Lowland", country="ZZ", coordinates=[37.608, 49.717]),
    speaker=SpeakerInput(name=speaker, party="russia"),
    via=["wire.example"],
    stated_at="2025-11-20",
)
first = record_statement.sync_detailed(client=client, body=statement)
assert first.status_code == 201 and isinstance(first.parsed, Receipt) and not first.parsed.duplicate, first
again = record_statement.sync_detailed(client=client, body=statement)
assert again.status_code == 200 and isinstance(again.parsed, Receipt) and again.parsed.duplicate, again
assert again.parsed.event_id == first.parsed.event_id, again

id, after = first.parsed.location_id, first.parsed.token
state = get_location.sync(id, client=client, after=after, wait=10_000)
assert isinstance(state, State) and state.status == Status.CLAIMED and state.since and state.coordinates[0] == 37.608, state
assert state.control[0].extent.percent == 80.5 and state.control[0].asserted_by[0].statement_id == statement.statement_id, state


def listed(*status):
    return [one.id for one in list_locations.sync(client=client, status=list(status), q=f"Mill of {speaker}").items]


assert id in listed(Status.CONTESTED, Status.CLAIMED)
assert listed(Status.CONTESTED, Status.DENIED) == []

events = list_events.sync(client=client, types=[EventType.CLAIM_ASSERTED, EventType.CLAIM_DENIED], locations=[id])
assert isinstance(events.items[0], ClaimEvent) and events.items[0].data.claim.extent.percent == 80.5, events

statement.claim = ClaimInput(predicate=Predicate.CAPTURED)
refused = record_statement.sync_detailed(client=client, body=statement)
assert refused.status_code == 422 and isinstance(refused.parsed, Problem), refused
assert refused.parsed.type_ == "urn:claimline:problem:statement-invalid" and refused.parsed.errors[0].pointer == "/claim/actor", refused
