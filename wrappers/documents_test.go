package wrappers_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/latchkey-go/latchkey/generated/alertsiteapi"
	"github.com/latchkey-go/latchkey/generated/anomifyapi"
	"github.com/latchkey-go/latchkey/generated/babelapi"
	"github.com/latchkey-go/latchkey/generated/misakaapi"
	"github.com/latchkey-go/latchkey/wrappers/rest"
)

// A generated value reads and writes itself.
type generated interface {
	rest.Decodable
	rest.Encodable
}

const anomifyStatus = `{"created_timestamp":1790000000,"created_string":"Mon 21 Sep 2026 @ 14:13 (UTC)","duration":0.127,"language":"en-gb",
	"timezone":{"timezone_type":3,"timezone":"UTC"},"code":200,"oldest_cached_component_age":2767,"session_id":"00112233445566778899aabbccddeeff",
	"org_onboarding_status_id":300,"api_host":"api.example.com","user_onboarding_flags":` + anomifyFlags + `}`

const anomifyFlags = `{"main_intro":false,"alerts_intro":false,"alerts_from_search":false,"training_intro":false,"alert_created":true,
	"test_alert_sent":true,"two_alerts_sent":true,"pattern_trained":true}`

const anomifySession = `{"id":"00112233445566778899aabbccddeeff","user":{"id":7,"org_id":9,"name":"Demo","email":"demo@example.com",
	"phone_number":"+15550100","slack_member_id":"EXAMPLE","demo":false,"admin":true,"org":{"id":9,"name":"Example","timezone":"UTC",
	"alert_muting":{"muted":false,"muted_until_timestamp":null,"muted_until_timestamp_string":null,"minutes_remaining":null},
	"onboarding_status_id":300,"connected_services":{"slack":true,"ms_teams":false}},"notifications":{"email_alerts":true},
	"onboarding_flags":` + anomifyFlags + `}}`

const babelUser = `{"id":"u1","userName":"demo","email":"demo@example.com","phoneNumber":"+15550100","title":"Dr","firstName":"D","lastName":"Emo",
	"department":"R","birthDate":"2019-08-24T14:15:22Z","createdAt":"2019-08-24T14:15:22Z","updatedAt":"2019-08-24T14:15:22.123456Z",
	"lastDismissMessages":"2019-08-24T14:15:22Z","lastLogIn":"2019-08-24T14:15:22Z","rank":0,"image":"","address":"a","postalCode":"p","region":"r",
	"city":"c","country":"co","countryCode":"cc","mobile":"m","notes":"n","customerId":0,"roles":["Customer"],"apiKeys":[{"id":0,"name":"k",
	"key":"api_example","clientSecret":"example","createdDate":"2019-08-24T14:15:22Z","expireDate":"2019-08-24T14:15:22Z","ownerId":"u1","revoked":true,
	"permissions":0,"description":"d"}],"settings":[{"id":0,"category":"c","group":"g","name":"n","value":"v","type":"t","description":"d","readOnly":true,
	"userId":"u1"}]}`

// TestTheDocumentsExamplesAreReadWithoutLoss reads answers in the shapes that
// the primary documents print, with values of our own.
func TestTheDocumentsExamplesAreReadWithoutLoss(t *testing.T) {
	const babelHead = `{"success":true,"code":0,"message":"m"`
	tests := []struct {
		name, text string
		value      generated
	}{
		{"anomify login", `{"status":` + anomifyStatus + `,"data":{"two_factor_auth_required":false,"session":` + anomifySession + `}}`, new(anomifyapi.LoginAnswer)},
		{"anomify validateclient", `{"status":` + anomifyStatus + `,"data":{"message":"m","session":` + anomifySession + `}}`, new(anomifyapi.ValidateClientAnswer)},
		{"alertsite login", `{"metadata":{"login":"demo@example.com","session":"0011223344556677","status":"0","message":"No errors."}}`, new(alertsiteapi.LoginAnswer)},
		{"alertsite login refused", `{"metadata":{"login":"demo@example.com","status":"40","message":"Invalid login information."}}`, new(alertsiteapi.LoginAnswer)},
		{"misaka login", `{"detail":"d","user":{"id":0,"email":"user@example.com","avatar_url":"a","username":"u","first_name":"f","last_name":"l",
			"display_name":"d","country":"ZZ","is_staff":true,"whmcs_uuid":"w","services":["s"],"modules":[{"property1":"a","property2":"b"}],
			"teams":[{"id":"1","name":"t","is_admin":true}]},"access":"a","refresh":"r","access_token":"a","refresh_token":"r","sliding_token":"s"}`, new(misakaapi.LoginAnswer)},
		{"misaka login refused", `{"detail":"d"}`, new(misakaapi.DetailAnswer)},
		{"babel login", babelHead + `,"token":"t","expiresIn":0}`, new(babelapi.LoginAnswer)},
		{"babel user", babelHead + `,"user":` + babelUser + `}`, new(babelapi.GetLoggedInUserAnswer)},
		{"babel user updated", babelHead + `,"user":` + babelUser + `}`, new(babelapi.UpdateUserSettingsAnswer)},
		{"babel logout", babelHead + `}`, new(babelapi.LogoutAnswer)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := rest.Decode([]byte(tt.text), tt.value); err != nil {
				t.Fatal(err)
			}
			if path := unknown(reflect.ValueOf(tt.value), tt.name); path != "" {
				t.Errorf("%s: the description does not know a member that the document prints", path)
			}
			encoded, err := rest.Encode(tt.value)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := value(t, encoded), value(t, []byte(tt.text)); !reflect.DeepEqual(got, want) {
				t.Errorf("encoded again\n got %v\nwant %v", got, want)
			}
		})
	}
}

// value returns what a JSON text means.
func value(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// unknown returns where in a generated value members are kept that are not
// described, or "".
func unknown(v reflect.Value, path string) string {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return unknown(v.Elem(), path)
		}
	case reflect.Slice:
		for i := range v.Len() {
			if found := unknown(v.Index(i), path+"[]"); found != "" {
				return found
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if field.Name == "AdditionalProperties" && v.Field(i).Len() > 0 {
				return path
			}
			if found := unknown(v.Field(i), path+"."+field.Name); field.IsExported() && found != "" {
				return found
			}
		}
	default:
	}
	return ""
}
