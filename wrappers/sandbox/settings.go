package sandbox

import "time"

// change applies a change of settings.
func (st *Standin) change(f func(*settings)) {
	st.mu.Lock()
	defer st.mu.Unlock()
	f(&st.settings)
}

// SetPassword changes the password of the account. Sessions stay.
func (st *Standin) SetPassword(password string) {
	st.change(func(s *settings) { s.password = password })
}

// RequireSecondFactor makes a login need a second factor, or not. Off at first.
//
// A login at Anomify then answers that a code is needed; it is completed by
// validateClient within 10 minutes (the sandbox's own limit). A login at Misaka
// is then refused with a text only; it is completed by loginWithSecondFactor.
// AlertSite and Babel have no second factor: nothing changes for them.
func (st *Standin) RequireSecondFactor(on bool) {
	st.change(func(s *settings) { s.secondFactor = on })
}

// AcceptCode decides which codes of the second factor are right, by the time of
// the server's clock. With nil, [DemoCode] is right again. accept must not call
// the methods of the stand-in.
func (st *Standin) AcceptCode(accept func(code string, now time.Time) bool) {
	if accept == nil {
		accept = isDemoCode
	}
	st.change(func(s *settings) { s.acceptCode = accept })
}

func isDemoCode(code string, _ time.Time) bool { return code == DemoCode }

// BindSecondFactor sets whether Anomify takes a code only with the session id
// that the login answered, or with Token of [Account]. Without it, a code
// completes whichever login is waiting. On at first. How Anomify recognises
// the client of a login is not published.
func (st *Standin) BindSecondFactor(on bool) {
	st.change(func(s *settings) { s.bindFactor = on })
}

// OneSessionPerUser makes a login end all sessions before it, or not. Off at
// first; no vendor publishes its rule.
func (st *Standin) OneSessionPerUser(on bool) {
	st.change(func(s *settings) { s.onePerUser = on })
}

// RotateRefresh sets whether a refresh token of Misaka can be used once only.
// If so, a refresh brings a new one, and the second use of an old one ends its
// session. If not, a refresh brings the same one again. On at first, which is
// the stricter of what the documents allow.
func (st *Standin) RotateRefresh(on bool) {
	st.change(func(s *settings) { s.rotateRefresh = on })
}

// Lockout makes logins be refused, right ones too, for a time after failures
// refused logins in a row; 0 failures for never. Babel locks for 5 minutes
// after 5 failures at first, as its demo does, but counts per account and not
// per address; the others do not lock. What is counted so far is forgotten.
func (st *Standin) Lockout(failures int, window time.Duration) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.lockout = lockout{max: failures, window: window}
}

// SetIdle sets after how long without use a new session expires; 0 for never.
// At first AlertSite has 15 minutes, which is documented, and Anomify an hour,
// which is the sandbox's own. Misaka and Babel have no idle limit.
func (st *Standin) SetIdle(d time.Duration) {
	st.change(func(s *settings) { s.idle = d })
}

// SetLifetime sets after how long a new session expires, used or not; 0 for
// never. For Misaka it is the lifetime of access and sliding tokens. At first
// Babel has 30 minutes, as its demo, and Misaka 5 minutes, the default of the
// library that it seems to use. AlertSite and Anomify have no such limit.
func (st *Standin) SetLifetime(d time.Duration) {
	st.change(func(s *settings) { s.lifetime = d })
}

// SetRefreshLifetime sets after how long a new refresh token of Misaka expires,
// one day at first (the sandbox's own). Each refresh starts it anew where
// tokens rotate.
func (st *Standin) SetRefreshLifetime(d time.Duration) {
	st.change(func(s *settings) { s.refreshLifetime = d })
}

// SetLoginRefusal sets the HTTP status of the answer to wrong credentials: 401
// at first for Anomify, Misaka and Babel, none of which publishes it, and 200
// for AlertSite, where the body tells. With 200, Babel tells in the body, too.
func (st *Standin) SetLoginRefusal(status int) {
	st.change(func(s *settings) { s.loginStatus = status })
}

// SetLockoutRefusal sets the HTTP status of the answer to a login during a
// lock-out: 403 at first, and 200 for AlertSite. None is published.
func (st *Standin) SetLockoutRefusal(status int) {
	st.change(func(s *settings) { s.lockStatus = status })
}

// SetChallengeStatus sets the HTTP status with which a login at Misaka says that
// it needs a second factor, 401 at first. How Misaka says so is not published.
func (st *Standin) SetChallengeStatus(status int) {
	st.change(func(s *settings) { s.challengeStatus = status })
}

// SetDeadSession sets metadata.status and metadata.message of the answer of
// AlertSite to a call without a live session. At first they are 20 and "Session
// is invalid.": the number is known from another API of the product, the text
// is made up.
func (st *Standin) SetDeadSession(status, message string) {
	st.change(func(s *settings) { s.deadStatus, s.deadMessage = status, message })
}

// SetAPIKeyHeader sets the name of the header in which Babel looks for an API
// key, x-api-key at first; it is a setting of each instance.
func (st *Standin) SetAPIKeyHeader(name string) {
	st.change(func(s *settings) { s.keyHeader = name })
}

// SetExpiresInUnit sets the unit in which expiresIn of Babel is sent: a second
// at first. The documents do not name it.
func (st *Standin) SetExpiresInUnit(unit time.Duration) {
	st.change(func(s *settings) { s.expiresInUnit = max(unit, 1) })
}

// LeaveOutDefaults makes Babel leave null, false and 0 out of its answers, as an
// instance with the settings of its demo does. Off at first.
func (st *Standin) LeaveOutDefaults(on bool) {
	st.change(func(s *settings) { s.omitDefaults = on })
}
