import claimline.ApiClient;
import claimline.ApiException;
import claimline.api.ReadingApi;
import claimline.api.TheLogApi;
import claimline.api.WritingApi;
import claimline.model.*;
import java.util.List;
import java.util.UUID;

public class Use {
  public static void main(String[] args) throws Exception {
    String speaker = args[1];
    ApiClient client = new ApiClient();
    client.updateBaseUri(args[0]);
    WritingApi writing = new WritingApi(client);
    ReadingApi reading = new ReadingApi(client);

    StatementInput statement = new StatementInput()
        .statementId(UUID.randomUUID())
        .stance(Stance.ASSERT)
        .claim(new ClaimInput().predicate(Predicate.CONTROLS).actor("russia")
                .extent(new ExtentInput().op(ExtentOperator.GREATER_THAN).percent(80.5)))
        .location(new PlaceReferenceInput().name("Mill of " + speaker).region("Lowland").country("ZZ").coordinates(List.of(37.608, 49.717)))
        .speaker(new SpeakerInput().name(speaker).party("russia"))
        .via(List.of("wire.example"))
        .statedAt("2025-11-20");
    var first = writing.recordStatementWithHttpInfo(statement, null, null, null);
    ensure(first.getStatusCode() == 201 && !first.getData().getDuplicate(), first.getData());
    var again = writing.recordStatementWithHttpInfo(statement, null, null, null);
    ensure(again.getStatusCode() == 200 && again.getData().getDuplicate(), again.getData());
    ensure(again.getData().getEventId().equals(first.getData().getEventId()), again.getData());

    String id = first.getData().getLocationId();
    State state = reading.getLocation(id, null, null, null, first.getData().getToken(), 10_000);
    ensure(state.getStatus() == Status.CLAIMED && state.getSince() != null && state.getCoordinates().get(0) == 37.608, state);
    Holder holder = state.getControl().get(0);
    ensure(holder.getExtent().getPercent() == 80.5
            && holder.getAssertedBy().get(0).getStatementId().equals(statement.getStatementId()), state);

    ensure(listed(reading, speaker, Status.CONTESTED, Status.CLAIMED).contains(id), "claimed, and not listed");
    ensure(listed(reading, speaker, Status.CONTESTED, Status.DENIED).isEmpty(), "not contested, and listed");

    var events = new TheLogApi(client).listEvents(null, null, null, List.of(id),
            List.of(EventType.CLAIM_ASSERTED, EventType.CLAIM_DENIED), null, null, null);
    var event = (ClaimEvent) events.getItems().get(0).getActualInstance();
    ensure(event.getData().getClaim().getExtent().getPercent() == 80.5, event);

    try {
      ensure(false, writing.recordStatement(statement.claim(new ClaimInput().predicate(Predicate.CAPTURED)), null, null, null));
    } catch (ApiException refusal) {
      Problem problem = ApiClient.createDefaultObjectMapper().readValue(refusal.getResponseBody(), Problem.class);
      ensure(refusal.getCode() == 422 && problem.getType().equals("urn:claimline:problem:statement-invalid"), problem);
      ensure(problem.getErrors().get(0).getPointer().equals("/claim/actor"), problem);
    }
  }

  static List<String> listed(ReadingApi reading, String speaker, Status... status) throws ApiException {
    return reading.listLocations(List.of(status), null, null, "Mill of " + speaker,
                null, null, null, null, null, null, null, null, null, null)
            .getItems().stream().map(State::getId).toList();
  }

  static void ensure(boolean holds, Object what) {
    if (!holds) throw new IllegalStateException(String.valueOf(what));
  }
}
