package wire_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey-go/latchkey/wrappers/rest/wire"
)

// The benchmarks decode documents of the shapes that the vendors send, once
// with decoders written as the generator writes them, which include the copy
// from bytes to a string, and once with encoding/json. A benchmark wire/x
// divided by its json/x is the ratio that counts.

type login struct {
	Status loginStatus `json:"status"`
	Data   loginData   `json:"data"`
}

type loginStatus struct {
	CreatedTimestamp int64           `json:"created_timestamp"`
	CreatedString    string          `json:"created_string"`
	Duration         float64         `json:"duration"`
	Language         string          `json:"language"`
	Code             int64           `json:"code"`
	SessionID        string          `json:"session_id"`
	APIHost          string          `json:"api_host"`
	Flags            map[string]bool `json:"user_onboarding_flags"`
}

type loginData struct {
	Session loginSession `json:"session"`
}

type loginSession struct {
	ID   string    `json:"id"`
	User loginUser `json:"user"`
}

type loginUser struct {
	ID          int64    `json:"id"`
	OrgID       int64    `json:"org_id"`
	Name        string   `json:"name"`
	Email       string   `json:"email"`
	PhoneNumber string   `json:"phone_number"`
	Demo        bool     `json:"demo"`
	Admin       bool     `json:"admin"`
	Org         loginOrg `json:"org"`
}

type loginOrg struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	Timezone    string      `json:"timezone"`
	AlertMuting alertMuting `json:"alert_muting"`
}

type alertMuting struct {
	Muted            bool   `json:"muted"`
	UntilTimestamp   *int64 `json:"muted_until_timestamp"`
	MinutesRemaining *int64 `json:"minutes_remaining"`
}

func (v *login) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "status":
			v.Status.decode(d)
		case "data":
			v.Data.decode(d)
		default:
			d.Skip()
		}
	}
}

func (v *loginStatus) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "created_timestamp":
			v.CreatedTimestamp = d.Int64()
		case "created_string":
			v.CreatedString = d.String()
		case "duration":
			v.Duration = d.Float64()
		case "language":
			v.Language = d.String()
		case "code":
			v.Code = d.Int64()
		case "session_id":
			v.SessionID = d.String()
		case "api_host":
			v.APIHost = d.String()
		case "user_onboarding_flags":
			if d.Object() {
				v.Flags = make(map[string]bool)
				for d.Next() {
					v.Flags[d.Key()] = d.Bool()
				}
			}
		default:
			d.Skip()
		}
	}
}

func (v *loginData) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "session":
			v.Session.decode(d)
		default:
			d.Skip()
		}
	}
}

func (v *loginSession) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			v.ID = d.String()
		case "user":
			v.User.decode(d)
		default:
			d.Skip()
		}
	}
}

func (v *loginUser) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			v.ID = d.Int64()
		case "org_id":
			v.OrgID = d.Int64()
		case "name":
			v.Name = d.String()
		case "email":
			v.Email = d.String()
		case "phone_number":
			v.PhoneNumber = d.String()
		case "demo":
			v.Demo = d.Bool()
		case "admin":
			v.Admin = d.Bool()
		case "org":
			v.Org.decode(d)
		default:
			d.Skip()
		}
	}
}

func (v *loginOrg) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			v.ID = d.Int64()
		case "name":
			v.Name = d.String()
		case "timezone":
			v.Timezone = d.String()
		case "alert_muting":
			v.AlertMuting.decode(d)
		default:
			d.Skip()
		}
	}
}

func (v *alertMuting) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	optional := func() *int64 {
		if d.Null() {
			return nil
		}
		n := d.Int64()
		return &n
	}
	for d.Next() {
		switch d.Key() {
		case "muted":
			v.Muted = d.Bool()
		case "muted_until_timestamp":
			v.UntilTimestamp = optional()
		case "minutes_remaining":
			v.MinutesRemaining = optional()
		default:
			d.Skip()
		}
	}
}

type user struct {
	ID          string         `json:"id"`
	UserName    string         `json:"userName"`
	Email       string         `json:"email"`
	FirstName   string         `json:"firstName"`
	LastName    string         `json:"lastName"`
	Company     string         `json:"company"`
	Phone       string         `json:"phone"`
	Address     string         `json:"address"`
	Notes       string         `json:"notes"`
	Created     string         `json:"creationDate"`
	Rank        int64          `json:"rank"`
	Logins      int64          `json:"loginCount"`
	Balance     float64        `json:"balance"`
	Locked      bool           `json:"locked"`
	Confirmed   bool           `json:"emailConfirmed"`
	Tags        []string       `json:"tags"`
	Roles       []role         `json:"roles"`
	Permissions []int64        `json:"permissions"`
	Settings    []userProperty `json:"settings"`
}

type role struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Permissions int64  `json:"permissions"`
}

type userProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (v *user) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			v.ID = d.String()
		case "userName":
			v.UserName = d.String()
		case "email":
			v.Email = d.String()
		case "firstName":
			v.FirstName = d.String()
		case "lastName":
			v.LastName = d.String()
		case "company":
			v.Company = d.String()
		case "phone":
			v.Phone = d.String()
		case "address":
			v.Address = d.String()
		case "notes":
			v.Notes = d.String()
		case "creationDate":
			v.Created = d.String()
		case "rank":
			v.Rank = d.Int64()
		case "loginCount":
			v.Logins = d.Int64()
		case "balance":
			v.Balance = d.Float64()
		case "locked":
			v.Locked = d.Bool()
		case "emailConfirmed":
			v.Confirmed = d.Bool()
		case "tags":
			if d.Array() {
				for d.More() {
					v.Tags = append(v.Tags, d.String())
				}
			}
		case "roles":
			if d.Array() {
				for d.More() {
					v.Roles = append(v.Roles, role{})
					v.Roles[len(v.Roles)-1].decode(d)
				}
			}
		case "permissions":
			if d.Array() {
				for d.More() {
					v.Permissions = append(v.Permissions, d.Int64())
				}
			}
		case "settings":
			if d.Array() {
				for d.More() {
					v.Settings = append(v.Settings, userProperty{})
					v.Settings[len(v.Settings)-1].decode(d)
				}
			}
		default:
			d.Skip()
		}
	}
}

func (v *role) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "id":
			v.ID = d.String()
		case "name":
			v.Name = d.String()
		case "description":
			v.Description = d.String()
		case "permissions":
			v.Permissions = d.Int64()
		default:
			d.Skip()
		}
	}
}

func (v *userProperty) decode(d *wire.Decoder) {
	if !d.Object() {
		return
	}
	for d.Next() {
		switch d.Key() {
		case "name":
			v.Name = d.String()
		case "value":
			v.Value = d.String()
		default:
			d.Skip()
		}
	}
}

func (v *user) encode(e *wire.Encoder) {
	e.Object()
	for _, m := range []struct{ name, value string }{
		{"id", v.ID}, {"userName", v.UserName}, {"email", v.Email}, {"firstName", v.FirstName}, {"lastName", v.LastName},
		{"company", v.Company}, {"phone", v.Phone}, {"address", v.Address}, {"notes", v.Notes}, {"creationDate", v.Created},
	} {
		e.Key(m.name)
		e.String(m.value)
	}
	e.Key("rank")
	e.Int64(v.Rank)
	e.Key("loginCount")
	e.Int64(v.Logins)
	e.Key("balance")
	e.Float64(v.Balance)
	e.Key("locked")
	e.Bool(v.Locked)
	e.Key("emailConfirmed")
	e.Bool(v.Confirmed)
	e.Key("tags")
	e.Array()
	for _, tag := range v.Tags {
		e.String(tag)
	}
	e.EndArray()
	e.Key("roles")
	e.Array()
	for _, r := range v.Roles {
		e.Object()
		e.Key("id")
		e.String(r.ID)
		e.Key("name")
		e.String(r.Name)
		e.Key("description")
		e.String(r.Description)
		e.Key("permissions")
		e.Int64(r.Permissions)
		e.End()
	}
	e.EndArray()
	e.Key("permissions")
	e.Array()
	for _, p := range v.Permissions {
		e.Int64(p)
	}
	e.EndArray()
	e.Key("settings")
	e.Array()
	for _, p := range v.Settings {
		e.Object()
		e.Key("name")
		e.String(p.Name)
		e.Key("value")
		e.String(p.Value)
		e.End()
	}
	e.EndArray()
	e.End()
}

func loginDocument() string {
	return `{"status":{"created_timestamp":1657034872,"created_string":"Tue 05 Jul 2022 @ 15:27 (UTC)","duration":0.127,"language":"en-gb",` +
		`"timezone":{"timezone_type":3,"timezone":"UTC"},"code":200,"oldest_cached_component_age":2767,` +
		`"session_id":"0123456789abcdef0123456789abcdef","org_onboarding_status_id":300,"api_host":"api.example.com",` +
		`"user_onboarding_flags":{"main_intro":false,"alerts_intro":false,"alerts_from_search":false,"training_intro":false,` +
		`"alert_created":true,"test_alert_sent":true,"two_alerts_sent":true,"pattern_trained":true}},` +
		`"data":{"session":{"id":"0123456789abcdef0123456789abcdef","user":{"id":101,"org_id":101,"name":"Demo User",` +
		`"email":"demo@example.com","phone_number":"+15550100","slack_member_id":"U0000000000","demo":false,"admin":true,` +
		`"org":{"id":101,"name":"Example","timezone":"UTC","alert_muting":{"muted":false,"muted_until_timestamp":null,` +
		`"muted_until_timestamp_string":null,"minutes_remaining":null},"onboarding_status_id":300,` +
		`"connected_services":{"slack":true,"ms_teams":false}},"notifications":{"email_alerts":true},` +
		`"onboarding_flags":{"main_intro":false,"alerts_intro":false,"alerts_from_search":false,"training_intro":false,` +
		`"alert_created":true,"test_alert_sent":true,"two_alerts_sent":true,"pattern_trained":true}}}}}`
}

func demoUser(n int) user {
	u := user{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), UserName: "demo" + strconv.Itoa(n), Email: "demo@example.com",
		FirstName: "Demo", LastName: "Zoë", Company: "Example GmbH & Co. KG", Phone: "+15550100", Address: "1 Example Street\nSpringfield",
		Notes: strings.Repeat("Prefers to be called in the afternoon. ", 8), Created: "2019-08-24T14:15:22Z",
		Rank: int64(n), Logins: 1234567, Balance: 1234.56, Confirmed: true,
		Tags: []string{"customer", "beta", "newsletter"}, Permissions: []int64{1, 2, 4, 8, 16, 32},
	}
	for i := range 4 {
		u.Roles = append(u.Roles, role{
			ID: fmt.Sprintf("10000000-0000-4000-8000-%012d", i), Name: "Role " + strconv.Itoa(i),
			Description: "May read and write everything that belongs to the product.", Permissions: 15,
		})
		u.Settings = append(u.Settings, userProperty{Name: "setting" + strconv.Itoa(i), Value: "value of the setting"})
	}
	return u
}

func userDocument(n int) string {
	e := wire.NewEncoder(nil)
	u := demoUser(n)
	u.encode(e)
	return string(e.Bytes())
}

func usersDocument(n int) string {
	e := wire.NewEncoder(nil)
	e.Array()
	for i := range n {
		u := demoUser(i)
		u.encode(e)
	}
	e.EndArray()
	return string(e.Bytes())
}

func pointsDocument(n int) string {
	e := wire.NewEncoder(nil)
	e.Array()
	for i := range n {
		e.Array()
		e.Int64(1657034872 + 60*int64(i))
		e.Float64(float64(i*7919%1000003) / 1e4)
		e.EndArray()
	}
	e.EndArray()
	return string(e.Bytes())
}

// decodeList makes room for the whole list when it has seen the first element.
func decodeList[T any](d *wire.Decoder, decode func(*wire.Decoder, *T)) (list []T) {
	if !d.Array() {
		return nil
	}
	for before := d.Remaining(); d.More(); {
		if len(list) == 1 {
			list = slices.Grow(list, d.Remaining()/max(before-d.Remaining(), 1)+1)
		}
		list = append(list, *new(T))
		decode(d, &list[len(list)-1])
	}
	return list
}

func decodeUsers(d *wire.Decoder) []user {
	return decodeList(d, func(d *wire.Decoder, v *user) { v.decode(d) })
}

func decodePairs(d *wire.Decoder) [][2]float64 {
	return decodeList(d, func(d *wire.Decoder, p *[2]float64) {
		if !d.Array() {
			return
		}
		for n := 0; d.More(); n++ {
			if f := d.Float64(); n < len(p) {
				p[n] = f
			}
		}
	})
}

// decodeSlices expects each point to be as long as the one before.
func decodeSlices(d *wire.Decoder) [][]float64 {
	size := 0
	return decodeList(d, func(d *wire.Decoder, p *[]float64) {
		if !d.Array() {
			return
		}
		*p = make([]float64, 0, min(size, d.Remaining()/2))
		for d.More() {
			*p = append(*p, d.Float64())
		}
		size = len(*p)
	})
}

func BenchmarkDecode(b *testing.B) {
	benchmarkDecode(b, "login", loginDocument(), func(d *wire.Decoder) (v login) { v.decode(d); return v })
	benchmarkDecode(b, "user", userDocument(7), func(d *wire.Decoder) (v user) { v.decode(d); return v })
	benchmarkDecode(b, "users-100", usersDocument(100), decodeUsers)
	benchmarkDecode(b, "points-100000", pointsDocument(100000), decodeSlices)
	benchmarkDecode(b, "pairs-100000", pointsDocument(100000), decodePairs)
}

func benchmarkDecode[T any](b *testing.B, name, document string, decode func(*wire.Decoder) T) {
	data := []byte(document)
	b.Run("wire/"+name, func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var d wire.Decoder
			d.Reset(string(data))
			decode(&d)
			d.End()
			if d.Err() != nil {
				b.Fatal(d.Err())
			}
		}
	})
	b.Run("json/"+name, func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var v T
			if err := json.Unmarshal(data, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	u := demoUser(7)
	b.Run("wire/user", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			e := wire.NewEncoder(buf[:0])
			u.encode(e)
			buf = e.Bytes()
		}
	})
	b.Run("json/user", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&u); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkValid(b *testing.B) {
	data := usersDocument(100)
	b.Run("wire", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			wire.Valid(data)
		}
	})
	b.Run("json", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			json.Valid([]byte(data))
		}
	})
}

func BenchmarkFind(b *testing.B) {
	data := loginDocument()
	b.ReportAllocs()
	for b.Loop() {
		if raw, _, ok := wire.Find(data, "status", "code"); !ok || raw != "200" {
			b.Fatal(raw)
		}
	}
}
