package main

import (
	"slices"
	"strings"
)

// checkSecurity reports operations of which nobody says whether they need a
// session. In our own specs each operation says so itself.
func checkSecurity(c *check) {
	general := c.tree.root().field("security") != nil
	for _, op := range c.tree.operations() {
		switch {
		case op.field("security") != nil:
		case c.house:
			c.report(op, op.at(), `operation has no security of its own; "security: []" says that it needs none`)
		case !general:
			c.report(op, op.at(), `neither the operation nor the document has security; "security: []" says that none is needed`)
		}
	}
}

// checkSecrets reports properties and parameters that hold a secret by their
// name, but are not marked as one.
func checkSecrets(c *check) {
	for _, e := range c.tree.of(kindParameter) {
		c.checkSecret(e, e.text("name"), e.child("schema", "schema"))
	}
	for _, e := range c.tree.all {
		if e.kind == kindSchema && e.step == "properties" {
			c.checkSecret(e, e.name, e)
		}
	}
}

func (c *check) checkSecret(owner *element, name string, schema *element) {
	if !secretName(words(name), words(c.surroundings(owner))) || schema == nil {
		return
	}
	form := c.formOf(schema)
	if form.typ == "string" && form.format != "password" {
		c.report(owner, owner.at(), "%q looks like a secret, but has no format: password", name)
	}
}

// surroundings names what a property or parameter belongs to: the schema or the
// operation.
func (*check) surroundings(e *element) string {
	if op := e.within(kindOperation); op != nil {
		return op.text("operationId")
	}
	for e.parent != nil && !e.component() {
		e = e.parent
	}
	return e.name
}

// A form is the type and format of the values of a schema.
type form struct{ typ, format string }

// formOf returns the form of a schema, or of its items if it is an array, with
// refs and allOf followed. Strings of a union make it a string.
func (c *check) formOf(e *element) form {
	for range maxHops {
		e = c.tree.resolve(e)
		if e == nil {
			return form{}
		}
		if items := e.child("items", "items"); items != nil {
			e = items
			continue
		}
		f := form{e.text("type"), e.text("format")}
		for _, part := range e.parts {
			if f.typ == "" && composes(part.step) && part.step != "not" {
				f = c.formOf(part)
			}
		}
		return f
	}
	return form{}
}

// secretName reports whether a name is that of a secret. around are the words of
// what it belongs to.
func secretName(name, around []string) bool {
	if len(name) == 0 {
		return false
	}
	joined := strings.TrimSuffix(strings.Join(name, ""), "s")
	if slices.ContainsFunc(name, func(w string) bool {
		return slices.Contains([]string{"page", "next", "cursor", "continuation", "sync", "public"}, w)
	}) {
		return false
	}
	for _, ending := range []string{
		"password", "passwd", "pwd", "passphrase", "secret", "token", "jwt", "apikey", "privatekey", "accesskey", "secretkey", "sessionkey",
		"sessionid", "session", "otp", "credential", "recoverycode", "backupcode", "verificationcode", "securitycode", "authcode",
		"factorcode", "mfacode", "2facode", "smscode", "onetimecode", "pincode",
	} {
		if strings.HasSuffix(joined, ending) {
			return true
		}
	}
	last := name[len(name)-1]
	factor := slices.ContainsFunc(around, func(w string) bool {
		return slices.Contains([]string{"factor", "otp", "totp", "mfa", "2fa", "challenge"}, w)
	})
	return last == "pin" || last == "code" && factor && !slices.Contains(name, "status") && !slices.Contains(name, "error")
}
