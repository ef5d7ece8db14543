package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	claimline "claimline.example/go/claimline"
)

func ensure(holds bool, what any) {
	if !holds {
		said, _ := json.Marshal(what)
		fmt.Fprintln(os.Stderr, string(said))
		os.Exit(1)
	}
}

func main() {
	url, speaker := os.Args[1], os.Args[2]
	configuration := claimline.NewConfiguration()
	configuration.Servers = claimline.ServerConfigurations{{URL: url}}
	client := claimline.NewAPIClient(configuration)
	always := context.Background()

	var id [16]byte
	rand.Read(id[:])
	statementId := fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
	claim := claimline.NewClaimInput(claimline.CONTROLS)
	claim.SetActor("russia")
	claim.SetExtent(claimline.ExtentInput{Op: claimline.GREATER_THAN.Ptr(), Percent: claimline.PtrFloat64(80.5)})
	location := claimline.PlaceReferenceInput{Coordinates: []float64{37.608, 49.717}}
	location.SetName("Mill of " + speaker)
	location.SetRegion("Lowland")
	location.SetCountry("ZZ")
	statement := claimline.NewStatementInput(claimline.ASSERT, *claim, location)
	statement.SetStatementId(statementId)
	statement.SetSpeaker(claimline.SpeakerInput{Name: &speaker, Party: claimline.PtrString("russia")})
	statement.SetVia([]string{"wire.example"})
	statement.SetStatedAt("2025-11-20")

	record := client.WritingAPI.RecordStatement(always)
	first, answer, err := record.StatementInput(*statement).Execute()
	ensure(err == nil && answer.StatusCode == 201 && !first.GetDuplicate(), fmt.Sprint(err))
	again, answer, err := record.StatementInput(*statement).Execute()
	ensure(err == nil && answer.StatusCode == 200 && again.GetDuplicate() && again.GetEventId() == first.GetEventId(), fmt.Sprint(err))

	state, _, err := client.ReadingAPI.GetLocation(always, first.GetLocationId()).After(first.GetToken()).Wait(10000).Execute()
	ensure(err == nil, fmt.Sprint(err))
	ensure(state.GetStatus() == claimline.CLAIMED && state.Since.IsSet() && state.GetCoordinates()[0] == 37.608, state)
	holder := state.GetControl()[0]
	extent := holder.GetExtent()
	ensure(extent.GetPercent() == 80.5 && holder.GetAssertedBy()[0].StatementId == statementId, state)

	listed := func(status ...claimline.Status) (ids []string) {
		page, _, err := client.ReadingAPI.ListLocations(always).Status(status).Q("Mill of " + speaker).Execute()
		ensure(err == nil, fmt.Sprint(err))
		for _, one := range page.GetItems() {
			ids = append(ids, one.GetId())
		}
		return ids
	}
	ensure(slices.Contains(listed(claimline.CONTESTED, claimline.CLAIMED), first.GetLocationId()), "claimed, and not listed")
	ensure(len(listed(claimline.CONTESTED, claimline.DENIED)) == 0, "not contested, and listed")

	events, _, err := client.TheLogAPI.ListEvents(always).
		Types([]claimline.EventType{claimline.CLAIM_ASSERTED, claimline.CLAIM_DENIED}).
		Locations([]string{first.GetLocationId()}).Execute()
	ensure(err == nil, fmt.Sprint(err))
	event := events.GetItems()[0].ClaimEvent
	ensure(event != nil && event.Data.Claim.Extent.GetPercent() == 80.5, events)

	statement.SetClaim(*claimline.NewClaimInput(claimline.CAPTURED))
	_, answer, err = record.StatementInput(*statement).Execute()
	var refusal *claimline.GenericOpenAPIError
	ensure(errors.As(err, &refusal) && answer.StatusCode == 422, fmt.Sprint(err))
	problem, ok := refusal.Model().(claimline.Problem)
	ensure(ok && problem.GetType() == "urn:claimline:problem:statement-invalid" && problem.GetErrors()[0].Pointer == "/claim/actor", problem)
}
