package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// A Payload is an answer, with the call that it answers.
type Payload struct {
	Name   string
	Body   []byte
	Call   func(Client, context.Context) (int, error)
	Decode func(Decoders, []byte) (int, error)
	Want   int // what Call and Decode return
}

// Payloads returns the answers that clients are compared by. They are made once.
var Payloads = sync.OnceValue(func() []Payload {
	return []Payload{
		{"login", login(), Client.Login, func(d Decoders, data []byte) (int, error) { return d.Login(data) }, 32},
		{"user", userJSON(7), Client.User, func(d Decoders, data []byte) (int, error) { return d.User(data) }, 7},
		List(100),
		List(10_000),
		{"points-100000", points(100_000), Client.Points, func(d Decoders, data []byte) (int, error) { return d.Points(data) }, 100_000 + 99_999%1000},
	}
})

// List returns the list of n users.
func List(n int) Payload {
	return Payload{
		"list-" + strconv.Itoa(n), list(n), Client.Users,
		func(d Decoders, data []byte) (int, error) { return d.Users(data) }, n + (n-1)%1000,
	}
}

// login returns an answer as Anomify documents it, 1.4 kB.
func login() []byte {
	const flags = `{"main_intro":false,"alerts_intro":false,"alerts_from_search":false,"training_intro":false,` +
		`"alert_created":true,"test_alert_sent":true,"two_alerts_sent":true,"pattern_trained":true}`
	return []byte(`{"status":{"created_timestamp":1657034872,"created_string":"Tue 05 Jul 2022 @ 15:27 (UTC)","duration":0.127,` +
		`"language":"en-gb","timezone":{"timezone_type":3,"timezone":"UTC"},"code":200,"oldest_cached_component_age":2767,` +
		`"session_id":"0123456789abcdef0123456789abcdef","org_onboarding_status_id":300,"api_host":"api.example.com",` +
		`"user_onboarding_flags":` + flags + `},"data":{"two_factor_auth_required":false,"session":{"id":"0123456789abcdef0123456789abcdef",` +
		`"user":{"id":101,"org_id":101,"name":"Demo User","email":"demo@example.com","phone_number":"+15550100",` +
		`"slack_member_id":"U0000000000","demo":false,"admin":true,"org":{"id":101,"name":"Example","timezone":"UTC",` +
		`"alert_muting":{"muted":false,"muted_until_timestamp":null,"muted_until_timestamp_string":null,"minutes_remaining":null},` +
		`"onboarding_status_id":300,"connected_services":{"slack":true,"ms_teams":false}},"notifications":{"email_alerts":true},` +
		`"onboarding_flags":` + flags + `}}}}`)
}

// A member is a member of a JSON object.
type member struct {
	name  string
	value any
}

// object returns the JSON of an object, in the order of its members.
func object(members ...member) json.RawMessage {
	var b strings.Builder
	for i, m := range members {
		value, err := json.Marshal(m.value)
		if err != nil {
			value = []byte("null") // no value here has no JSON
		}
		fmt.Fprintf(&b, "%s%q:%s", [...]string{"{", ","}[min(i, 1)], m.name, value)
	}
	return json.RawMessage(b.String() + "}")
}

// userJSON returns a user as Babel has them, about 2 kB, of rank n%1000.
func userJSON(n int) []byte {
	id := fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	var keys, settings []json.RawMessage
	for i := range 2 {
		keys = append(keys, object(
			member{"id", n*2 + i}, member{"name", "key " + strconv.Itoa(i)}, member{"key", "api_0123456789abcdef01234567"},
			member{"clientSecret", nil}, member{"createdDate", "2024-03-27T10:11:12Z"}, member{"expireDate", nil},
			member{"ownerId", id}, member{"revoked", i == 1}, member{"permissions", 7},
			member{"description", "Reads and writes everything that belongs to the build."},
		))
	}
	for i := range 4 {
		settings = append(settings, object(
			member{"id", i}, member{"category", "display"}, member{"group", "general"}, member{"name", "setting" + strconv.Itoa(i)},
			member{"value", "value of the setting"}, member{"type", "string"},
		))
	}
	return object(
		member{"id", id}, member{"userName", "demo" + strconv.Itoa(n)}, member{"email", "demo@example.com"}, member{"phoneNumber", "+15550100"},
		member{"title", "Dr"}, member{"firstName", "Zoë"}, member{"lastName", "Example"}, member{"department", "Research"},
		member{"birthDate", nil}, member{"createdAt", "2019-08-24T14:15:22Z"}, member{"updatedAt", "2024-08-24T14:15:22.123Z"},
		member{"lastLogIn", "2025-01-02T03:04:05.678+01:00"}, member{"rank", n % 1000}, member{"address", "1 Example Street\nBuilding B"},
		member{"postalCode", "12345"}, member{"region", "Example Region"}, member{"city", "Springfield"}, member{"country", "Exampleland"},
		member{"countryCode", "EX"}, member{"mobile", nil}, member{"notes", strings.Repeat("Prefers to be called in the afternoon. ", 8)},
		member{"customerId", 4711}, member{"roles", []string{"reader", "writer", "owner"}}, member{"apiKeys", keys}, member{"settings", settings},
	)
}

// list returns an answer with n users.
func list(n int) []byte {
	users := make([]json.RawMessage, n)
	for i := range users {
		users[i] = userJSON(i)
	}
	return object(member{"success", true}, member{"count", n}, member{"users", users})
}

// points returns a series of n points of a time in unix seconds and a value.
// The whole part of the value of point i is i%1000.
func points(n int) []byte {
	b := []byte(`{"metric":"` + Metric + `","points":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "[%d,%d.%04d]", From+60*i, i%1000, i*7919%10_000)
	}
	return append(b, "]}"...)
}
