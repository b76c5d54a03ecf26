package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// babelAPIKey is the API key of the account, in the form that Babel gives them.
// It is made up.
const babelAPIKey = "api_sandboxsandboxsandbox123"

// babel has the rules of Babel.
//
// Published: login answers with a token and expiresIn; a token or an API key
// signs a call; the user can be read and updated; logout ends the session. Seen
// in the vendor's demo: tokens last 30 minutes, the header of a key is a
// setting, five failed logins lock for five minutes.
//
// The sandbox's own: expiresIn in seconds, 401 with the common members for wrong
// credentials and for a missing or dead token, 403 during a lock-out, logout
// making the token invalid, and what can be updated in a user.
type babel struct {
	*Standin

	user map[string]any // nil until first needed
}

func newBabel(st *Standin) *babel {
	st.settings.lifetime = 30 * time.Minute
	st.settings.loginStatus = http.StatusUnauthorized
	st.settings.lockStatus = http.StatusForbidden
	st.settings.keyHeader = "x-api-key"
	st.settings.expiresInUnit = time.Second
	st.lockout = lockout{max: 5, window: 5 * time.Minute}
	return &babel{Standin: st}
}

func (b *babel) handlers() map[string]func(*call) *answer {
	return map[string]func(*call) *answer{
		"POST /v1/auth/login":  b.login,
		"POST /v1/auth/logout": b.logout,
		"GET /v1/auth/user":    b.getUser,
		"POST /v1/auth/user":   b.updateUser,
	}
}

func (b *babel) parameters() []string { return nil }

func (b *babel) authenticate(c *call) bool {
	if b.use(c, authorization(c.req, "Bearer")) {
		return true
	}
	return c.op.acceptsHeader("x-api-key") && c.req.Header.Get(b.settings.keyHeader) == babelAPIKey
}

func (b *babel) refuse(c *call) *answer {
	return b.fail(c, http.StatusUnauthorized, "Please sign in.")
}

func (b *babel) fail(c *call, status int, message string) *answer {
	var body any
	if c.op != nil {
		body = c.op.failureExample(status)
		if status < http.StatusBadRequest {
			body = c.op.success.pick(c.op.failure.failed)
		}
	}
	if body == nil {
		body = map[string]any{"code": 1}
	}
	set(body, "success", false)
	set(body, "message", message)
	return b.json(status, body)
}

func (b *babel) sign(*call, any) {} // only a login answers with a token

func (b *babel) login(c *call) *answer {
	if r := b.judge(c, c.field("username"), c.field("password")); r != nil {
		return b.fail(c, r.status, r.message)
	}
	s := b.open(c, b.settings.idle, after(c.now, b.settings.lifetime))
	value := randomHex(16)
	b.table.add(s, value, bearer, time.Time{})
	set(b.state(), "lastLogIn", c.now.UTC().Format(time.RFC3339))
	body := c.op.example()
	set(body, "token", value)
	set(body, "expiresIn", int64(b.settings.lifetime/b.settings.expiresInUnit))
	return b.json(c.op.success.status, body)
}

func (b *babel) logout(c *call) *answer {
	b.logOut(c)
	return b.reply(c, c.op.success, c.op.example())
}

// state returns the user, at first that of the longest example in the description.
func (b *babel) state() map[string]any {
	if b.user != nil {
		return b.user
	}
	b.user = make(map[string]any)
	sp, err := loadSpec(b.server.specs, Babel)
	if err != nil {
		return b.user // not reached: the call came by the description
	}
	if op := sp.operation("GET /v1/auth/user"); op != nil {
		found, _ := member(op.longestExample(), "user")
		if user, ok := found.(map[string]any); ok {
			b.user = user
		}
	}
	return b.user
}

// longestExample returns a copy of the example of success with the most text.
func (op *operation) longestExample() any {
	if len(op.success.names) == 0 {
		return nil
	}
	name := slices.MaxFunc(op.success.names, func(a, b string) int {
		return cmp.Compare(len(encode(op.success.examples[a])), len(encode(op.success.examples[b])))
	})
	return clone(op.success.examples[name])
}

// getUser answers with the user, which is the owner of the key for a caller with
// an API key.
func (b *babel) getUser(c *call) *answer {
	body := c.op.longestExample()
	set(body, "user", clone(b.state()))
	return b.reply(c, c.op.success, body)
}

// updateUser puts the given members into the user. The sandbox's own: members
// that are left out stay, and those that are not the user's to change are
// passed over.
func (b *babel) updateUser(c *call) *answer {
	user := b.state()
	given, _ := c.fields["user"].(map[string]any)
	for name, value := range given {
		switch name {
		case "id", "roles", "apiKeys", "customerId", "createdAt", "updatedAt", "lastLogIn":
		default:
			user[name] = clone(value)
		}
	}
	user["updatedAt"] = c.now.UTC().Format(time.RFC3339)
	return b.getUser(c)
}
