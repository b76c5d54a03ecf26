package hand

import "time"

// LoginRequest is the body of Login.
type LoginRequest struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// LoginAnswer is the answer to Login.
type LoginAnswer struct {
	Status Status    `json:"status"`
	Data   LoginData `json:"data"`
}

// Status is in every answer.
type Status struct {
	CreatedTimestamp         int64    `json:"created_timestamp"`
	CreatedString            string   `json:"created_string"`
	Duration                 float64  `json:"duration"`
	Language                 string   `json:"language"`
	Timezone                 Timezone `json:"timezone"`
	Code                     int64    `json:"code"`
	OldestCachedComponentAge int64    `json:"oldest_cached_component_age"`
	SessionID                string   `json:"session_id"`
	OrgOnboardingStatusID    int64    `json:"org_onboarding_status_id"`
	APIHost                  string   `json:"api_host"`
	UserOnboardingFlags      Flags    `json:"user_onboarding_flags"`
}

// Timezone is a time zone.
type Timezone struct {
	TimezoneType int64  `json:"timezone_type"`
	Timezone     string `json:"timezone"`
}

// Flags are the steps that a user has done.
type Flags struct {
	MainIntro        bool `json:"main_intro"`
	AlertsIntro      bool `json:"alerts_intro"`
	AlertsFromSearch bool `json:"alerts_from_search"`
	TrainingIntro    bool `json:"training_intro"`
	AlertCreated     bool `json:"alert_created"`
	TestAlertSent    bool `json:"test_alert_sent"`
	TwoAlertsSent    bool `json:"two_alerts_sent"`
	PatternTrained   bool `json:"pattern_trained"`
}

// LoginData is the outcome of a login.
type LoginData struct {
	TwoFactorAuthRequired bool    `json:"two_factor_auth_required"`
	Session               Session `json:"session"`
}

// Session is a session.
type Session struct {
	ID   string `json:"id"`
	User Member `json:"user"`
}

// Member is the user of a session.
type Member struct {
	ID              int64         `json:"id"`
	OrgID           int64         `json:"org_id"`
	Name            string        `json:"name"`
	Email           string        `json:"email"`
	PhoneNumber     string        `json:"phone_number"`
	SlackMemberID   string        `json:"slack_member_id"`
	Demo            bool          `json:"demo"`
	Admin           bool          `json:"admin"`
	Org             Org           `json:"org"`
	Notifications   Notifications `json:"notifications"`
	OnboardingFlags Flags         `json:"onboarding_flags"`
}

// Org is an organization.
type Org struct {
	ID                 int64       `json:"id"`
	Name               string      `json:"name"`
	Timezone           string      `json:"timezone"`
	AlertMuting        AlertMuting `json:"alert_muting"`
	OnboardingStatusID int64       `json:"onboarding_status_id"`
	ConnectedServices  Services    `json:"connected_services"`
}

// AlertMuting tells whether alerts are muted.
type AlertMuting struct {
	Muted                     bool    `json:"muted"`
	MutedUntilTimestamp       int64   `json:"muted_until_timestamp"`
	MutedUntilTimestampString string  `json:"muted_until_timestamp_string"`
	MinutesRemaining          float64 `json:"minutes_remaining"`
}

// Services are the services that alerts can go to.
type Services struct {
	Slack   bool `json:"slack"`
	MSTeams bool `json:"ms_teams"`
}

// Notifications are what a user is notified by.
type Notifications struct {
	EmailAlerts bool `json:"email_alerts"`
}

// UsersAnswer is the answer to Users.
type UsersAnswer struct {
	Success bool   `json:"success"`
	Count   int64  `json:"count"`
	Users   []User `json:"users"`
}

// User is a user.
type User struct {
	ID          string    `json:"id"`
	UserName    string    `json:"userName"`
	Email       string    `json:"email"`
	PhoneNumber string    `json:"phoneNumber"`
	Title       string    `json:"title"`
	FirstName   string    `json:"firstName"`
	LastName    string    `json:"lastName"`
	Department  string    `json:"department"`
	BirthDate   time.Time `json:"birthDate"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
	LastLogIn   time.Time `json:"lastLogIn"`
	Rank        int32     `json:"rank"`
	Address     string    `json:"address"`
	PostalCode  string    `json:"postalCode"`
	Region      string    `json:"region"`
	City        string    `json:"city"`
	Country     string    `json:"country"`
	CountryCode string    `json:"countryCode"`
	Mobile      string    `json:"mobile"`
	Notes       string    `json:"notes"`
	CustomerID  int32     `json:"customerId"`
	Roles       []string  `json:"roles"`
	APIKeys     []APIKey  `json:"apiKeys"`
	Settings    []Setting `json:"settings"`
}

// APIKey is an API key.
type APIKey struct {
	ID           int32     `json:"id"`
	Name         string    `json:"name"`
	Key          string    `json:"key"`
	ClientSecret string    `json:"clientSecret"`
	CreatedDate  time.Time `json:"createdDate"`
	ExpireDate   time.Time `json:"expireDate"`
	OwnerID      string    `json:"ownerId"`
	Revoked      bool      `json:"revoked"`
	Permissions  int32     `json:"permissions"`
	Description  string    `json:"description"`
}

// Setting is a setting of a user.
type Setting struct {
	ID       int32  `json:"id"`
	Category string `json:"category"`
	Group    string `json:"group"`
	Name     string `json:"name"`
	Value    string `json:"value"`
	Type     string `json:"type"`
}

// UserUpdate is the body of Update. What is nil is left as it is.
type UserUpdate struct {
	FirstName *string  `json:"firstName,omitempty"`
	LastName  *string  `json:"lastName,omitempty"`
	Email     *string  `json:"email,omitempty"`
	Rank      *int32   `json:"rank,omitempty"`
	Notes     *string  `json:"notes,omitempty"`
	Locked    *bool    `json:"locked,omitempty"`
	Roles     []string `json:"roles,omitempty"`
}

// PointsAnswer is the answer to Points.
type PointsAnswer struct {
	Metric string      `json:"metric"`
	Points [][]float64 `json:"points"`
}
